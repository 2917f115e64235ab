//! The page that all processes of a run share.

use std::sync::atomic::AtomicU64;

pub const MAGIC: u64 = 0x6563_6172_7465_6361;
pub const SIZE: usize = 4096;
/// How many locks it has of accesses to shared memory.
pub const STRIPES: usize = 64;

/// What ticks are: ns of CLOCK_MONOTONIC, or the processor's counter.
pub const MONOTONIC: u64 = 0;
pub const COUNTER: u64 = 1;

#[repr(C)]
pub struct Page {
    pub magic: AtomicU64,
    pub next_seq: AtomicU64,
    /// What ticks are.
    pub clock: AtomicU64,
    /// Ticks and ns at the same moment, at the start and as late as possible.
    pub first: [AtomicU64; 2],
    pub latest: [AtomicU64; 2],
    /// The errno that stopped the recording; 0 while all is well.
    pub failed: AtomicU64,
    /// Each has the pid of its holder, or 0.
    pub stripes: [AtomicU64; STRIPES],
    /// The first sequence number that is not of the trace any more: the trace is being made, and
    /// processes that were left running record no more. 0 till then.
    pub over: AtomicU64,
    /// How many threads are making or enlarging files of the spool.
    pub growing: AtomicU64,
    /// Whether the run has had more than one process.
    pub several: AtomicU64,
    /// The processes that write to stdout and to stderr, where there are several; else 0.
    pub writing: [AtomicU64; 2],
}
