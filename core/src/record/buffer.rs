//! Each thread writes its records into a file of its own.
//!
//! What is written costs time by its size, so records are small: one that is like the last of its
//! site takes 8 bytes (see docs/spool.md), any other 32.

use super::blocks::Blocks;
use super::state::{self, recording};
use super::{clock, page};
use crate::spool::records::{self, slot, Like, Short, IS_SHORT, LONG, SHORT};
use std::cell::Cell;
use std::path::Path;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::OnceLock;

thread_local! {
    static CURRENT: Cell<*mut Buffer> = const { Cell::new(null_mut()) };
    /// The time at which it was last looked which buffer the calling thread has.
    static LOOKED: Cell<u32> = const { Cell::new(0) };
}

/// Counts the times at which it became open again which buffers the threads of the process have; see
/// `reopen`.
static TIMES: AtomicU32 = AtomicU32::new(0);

/// Looks which buffer the calling thread has.
static LOOK: OnceLock<fn()> = OnceLock::new();

/// Has each thread call `look` before it is next asked for its buffer. It is the same function each time.
pub fn reopen(look: fn()) {
    LOOK.get_or_init(|| look);
    TIMES.fetch_add(1, Ordering::SeqCst);
}

#[inline(always)]
fn is_open() -> bool {
    let times = TIMES.load(Ordering::Relaxed);
    times != 0 && LOOKED.get() != times
}

#[cold]
#[inline(never)]
fn look() {
    LOOKED.set(TIMES.load(Ordering::Relaxed));
    if let Some(look) = LOOK.get() {
        look();
    }
}

/// The calling thread's buffer; null if the thread is not recorded.
#[inline(always)]
pub fn current() -> *mut Buffer {
    if is_open() {
        look();
    }
    CURRENT.with(Cell::get)
}

/// The thread in which a process's recording begins.
pub const MAIN_THREAD: u32 = 1;

/// The calling thread's id; 0 if it is not recorded.
pub fn thread() -> u32 {
    let buffer = current();
    match buffer.is_null() {
        true => 0,
        // SAFETY: the buffer is the calling thread's own.
        false => unsafe { (*buffer).thread },
    }
}

/// The number of the calling thread's last event; 0 if it is not recorded.
pub fn last_event() -> u64 {
    let buffer = current();
    match buffer.is_null() {
        true => 0,
        // SAFETY: the buffer is the calling thread's own.
        false => unsafe { (*buffer).last() },
    }
}

pub fn set_current(buffer: *mut Buffer) {
    CURRENT.with(|cell| cell.set(buffer));
}

/// An event as it is recorded.
#[derive(Clone, Copy)]
pub struct Made {
    pub op: u8,
    pub target: u32,
    pub site: u32,
    pub tag: u8,
    pub bits: u64,
    /// Outcome and flags.
    pub low: u8,
    /// 0 until it has its number.
    pub seq: u64,
}

impl Made {
    #[inline(always)]
    pub fn new(op: u8, target: u32, site: u32, (tag, bits): (u8, u64), low: u8) -> Made {
        Made {
            op,
            target,
            site,
            tag,
            bits,
            low,
            seq: 0,
        }
    }
}

/// What a thread remembers of the callers of its last event; see `stacks`.
#[derive(Clone, Copy, Default)]
pub struct Calls {
    /// The frame below which none is the program's, and its code; zeros if there is none.
    pub root: usize,
    pub root_code: usize,
    pub is_rooted: bool,
    /// Of the callers' instructions, and the stack that they are.
    pub hash: u64,
    pub stack: u32,
}

#[repr(C)]
pub struct Buffer {
    cursor: *mut u8,
    end: *mut u8,
    last_seq: u64,
    last_ticks: u64,
    likes: [Like; 256],
    blocks: Blocks,
    pub thread: u32,
    /// The session that it is of.
    pub session: u32,
    /// The site of every record, where another thread's code is what asks for it; else `OWN`.
    pub site: u32,
    pub calls: Calls,
}

/// Each record has the site that it is pushed with.
pub const OWN: u32 = u32::MAX;

impl Buffer {
    /// The number of the last event that was recorded here.
    pub fn last(&self) -> u64 {
        self.last_seq
    }

    pub fn open(path: &Path, thread: u32) -> Result<Box<Buffer>, i32> {
        let blocks = Blocks::open(path)?;
        let (cursor, end) = blocks.room();
        Ok(Box::new(Buffer {
            cursor,
            end,
            last_seq: 0,
            last_ticks: 0,
            likes: [Like::default(); 256],
            blocks,
            thread,
            session: state::session(),
            site: OWN,
            calls: Calls::default(),
        }))
    }

    /// Writes one record and returns its sequence number; 0 if the spool is full.
    ///
    /// # Safety
    /// The calling thread is the one that the buffer is of.
    #[inline(always)]
    pub unsafe fn push(&mut self, made: Made) -> u64 {
        if self.cursor == self.end && !self.next_block() {
            return 0;
        }
        let seq = page::page().next_seq.fetch_add(1, Ordering::Relaxed);
        self.write(seq, clock::ticks(), made)
    }

    /// Writes two records, of things done at once.
    ///
    /// # Safety
    /// The calling thread is the one that the buffer is of.
    #[inline(always)]
    pub unsafe fn push_both(&mut self, first: Made, second: Made) {
        if self.cursor == self.end && !self.next_block() {
            return;
        }
        let seq = page::page().next_seq.fetch_add(2, Ordering::Relaxed);
        let ticks = clock::ticks();
        self.write(seq, ticks, first);
        if self.cursor != self.end || self.next_block() {
            self.write(seq + 1, ticks, second);
        }
    }

    #[inline(always)]
    fn write(&mut self, seq: u64, ticks: u64, made: Made) -> u64 {
        let Made {
            op,
            target,
            site,
            tag,
            bits,
            low,
            ..
        } = made;
        let site = if self.site == OWN { site } else { self.site };
        let (later, passed) = (
            seq.wrapping_sub(self.last_seq),
            ticks.wrapping_sub(self.last_ticks),
        );
        self.last_seq = seq;
        self.last_ticks = ticks;
        let ids = records::ids(target, site);
        let code = records::code(op, tag, low);
        let slot = slot(op, site);
        let like = &mut self.likes[slot];
        let change = bits.wrapping_sub(like.value) as i64;
        let alike = like.ids == ids && like.code == code;
        *like = Like {
            ids,
            code,
            value: bits,
        };
        let short = Short {
            slot,
            later,
            passed,
            change,
        };
        // SAFETY: the buffer is the calling thread's own, and nobody else has a reference to it.
        unsafe {
            if alike && short.fits() {
                self.store(short.word());
                return seq;
            }
            self.push_long(records::head(seq, code), ticks, ids, bits)
        }
    }

    /// Stores the first word of a record, last, so that a record with one is whole however the
    /// process dies.
    #[inline(always)]
    unsafe fn store(&mut self, word: u64) {
        (*self.cursor.cast::<AtomicU64>()).store(word, Ordering::Release);
        self.cursor = self.cursor.add(SHORT);
    }

    #[inline(never)]
    unsafe fn push_long(&mut self, head: u64, ticks: u64, ids: u64, bits: u64) -> u64 {
        if (self.end as usize) - (self.cursor as usize) < LONG {
            while self.cursor != self.end {
                self.store(IS_SHORT);
            }
            if !self.next_block() {
                return 0;
            }
        }
        let record = self.cursor.cast::<u64>();
        record.add(1).write(ticks);
        record.add(2).write(ids);
        record.add(3).write(bits);
        self.store(head);
        self.cursor = self.cursor.add(LONG - SHORT);
        records::of_head::seq(head)
    }

    #[cold]
    #[inline(never)]
    fn next_block(&mut self) -> bool {
        if !recording() {
            return false;
        }
        match self.blocks.turn() {
            Ok(()) => {
                (self.cursor, self.end) = self.blocks.room();
                page::anchor();
                true
            }
            Err(error) => {
                state::fail(error);
                false
            }
        }
    }
}
