//! Whether this process records, and what of it.

use super::page;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

static RECORDING: AtomicBool = AtomicBool::new(false);
static MEMORY: AtomicBool = AtomicBool::new(false);
/// Of `alone`, which says what they are: whether reads are recorded, and whether there is company.
pub static READS: AtomicBool = AtomicBool::new(false);
pub static COMPANY: AtomicBool = AtomicBool::new(false);
/// Also of `alone`: whether all that is changed is recorded, though nothing else is there; and how often
/// reads began not to be recorded.
pub static IN_FULL: AtomicBool = AtomicBool::new(false);
pub static SPELL: AtomicU32 = AtomicU32::new(0);

/// Counts the sessions of this process: what was opened for one is of no use in another.
static SESSIONS: AtomicU32 = AtomicU32::new(0);

/// Counts the recordings: the numbers that were given in one, or in its forked children, have no
/// meaning in another.
static RECORDINGS: AtomicU32 = AtomicU32::new(0);

/// The index of this process in its spool.
static PROCESS: AtomicU32 = AtomicU32::new(0);

/// Whether this process records at all.
#[inline(always)]
pub fn recording() -> bool {
    RECORDING.load(Ordering::Relaxed)
}

/// Whether accesses are recorded (`--no-memory` turns them off).
#[inline(always)]
pub fn memory() -> bool {
    MEMORY.load(Ordering::Relaxed)
}

/// The number of the present session.
pub fn session() -> u32 {
    SESSIONS.load(Ordering::Relaxed)
}

pub fn recordings() -> u32 {
    RECORDINGS.load(Ordering::Relaxed)
}

/// The index of this process in its spool; 0 if it was never recorded.
pub fn process() -> u32 {
    PROCESS.load(Ordering::Relaxed)
}

/// Another recording begins, and no forked child's: how many there were before.
pub fn count_recording() -> u32 {
    RECORDINGS.fetch_add(1, Ordering::Relaxed)
}

/// A session begins in the process with the index. Nothing is recorded before `begin`.
pub fn open(process: u32) {
    SESSIONS.fetch_add(1, Ordering::Relaxed);
    PROCESS.store(process, Ordering::Relaxed);
}

/// From here on this process records.
pub fn begin(memory: bool) {
    RECORDING.store(true, Ordering::SeqCst);
    MEMORY.store(memory, Ordering::SeqCst);
}

/// From here on this process records nothing.
pub fn end() {
    RECORDING.store(false, Ordering::SeqCst);
    MEMORY.store(false, Ordering::SeqCst);
    READS.store(false, Ordering::Relaxed);
    COMPANY.store(false, Ordering::Relaxed);
}

/// The spool cannot take more: the program goes on unrecorded. If the disk is full the reader is
/// told; if the run is over, the reader has its trace.
#[cold]
pub fn fail(errno: i32) {
    end();
    crate::reserve::give_back();
    if !page::is_over() {
        // SAFETY: the page is mapped from the start of the recording on.
        unsafe { page::page() }
            .failed
            .store(errno as u64, Ordering::Relaxed);
    }
}

/// Whether what this process makes from now on can be of the trace.
pub fn goes_on() -> bool {
    recording() && !page::is_over()
}
