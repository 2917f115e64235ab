//! Each thread writes its records into a file of its own, through a mapped window that moves on.
//! What is in the window is in the page cache, so it survives any death of the process.
//!
//! A new page of a file costs as much time as a hundred events, so records are small: one that is like
//! the last of its site takes 8 bytes (see docs/how-it-works.md), any other 32.

use super::{clock, page, session};
use std::cell::Cell;
use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU64, Ordering};

const LONG: usize = 32;
const SHORT: usize = 8;
/// In the first word: a short record.
pub const IS_SHORT: u64 = 1 << 23;
pub const TICKS_BITS: u32 = 24;
pub const SEQ_BITS: u32 = 15;
/// Windows double from the first size to the last, so that a thread with few events costs little.
const FIRST_WINDOW: usize = 16 << 10;
const LAST_WINDOW: usize = 1 << 20;

thread_local! {
    static CURRENT: Cell<*mut Buffer> = const { Cell::new(null_mut()) };
}

/// The calling thread's buffer; null if the thread is not recorded.
#[inline(always)]
pub fn current() -> *mut Buffer {
    CURRENT.with(Cell::get)
}

pub fn set_current(buffer: *mut Buffer) {
    CURRENT.with(|cell| cell.set(buffer));
}

/// The last record of a slot, without what changes each time.
#[derive(Clone, Copy, Default)]
pub struct Like {
    /// Target and site.
    pub ids: u64,
    /// Op, tag, outcome and flags, as in the first word.
    pub code: u32,
    pub value: u64,
}

/// The slot of a record's like.
#[inline(always)]
pub fn slot(op: u8, site: u32) -> usize {
    usize::from(site as u8 ^ op << 4)
}

#[repr(C)]
pub struct Buffer {
    cursor: *mut u8,
    end: *mut u8,
    last_seq: u64,
    last_ticks: u64,
    likes: [Like; 256],
    window: *mut u8,
    window_size: usize,
    file_size: usize,
    fd: i32,
    pub thread: u32,
}

impl Buffer {
    pub fn open(path: &Path, thread: u32) -> Result<Box<Buffer>, i32> {
        let name = CString::new(path.as_os_str().as_bytes()).map_err(|_| libc::EINVAL)?;
        let flags = libc::O_RDWR | libc::O_CREAT | libc::O_TRUNC | libc::O_CLOEXEC;
        let fd = unsafe { libc::open(name.as_ptr(), flags, 0o600) };
        if fd < 0 {
            return Err(errno());
        }
        let mut buffer = Box::new(Buffer {
            cursor: null_mut(),
            end: null_mut(),
            last_seq: 0,
            last_ticks: 0,
            likes: [Like::default(); 256],
            window: null_mut(),
            window_size: 0,
            file_size: 0,
            fd,
            thread,
        });
        buffer.advance()?;
        Ok(buffer)
    }

    /// Writes one record and returns its sequence number; 0 if the spool is full.
    #[inline(always)]
    pub unsafe fn push(
        &mut self,
        op: u8,
        target: u32,
        site: u32,
        tag: u8,
        bits: u64,
        low: u8,
    ) -> u64 {
        if self.cursor == self.end && !self.next_window() {
            return 0;
        }
        let seq = page::page().next_seq.fetch_add(1, Ordering::Relaxed);
        let ticks = clock::ticks();
        let (later, passed) = (
            seq.wrapping_sub(self.last_seq),
            ticks.wrapping_sub(self.last_ticks),
        );
        self.last_seq = seq;
        self.last_ticks = ticks;
        let ids = u64::from(target) | u64::from(site) << 32;
        let code = u32::from(op) << 16 | u32::from(tag) << 8 | u32::from(low);
        let slot = slot(op, site);
        let like = &mut self.likes[slot];
        let change = bits.wrapping_sub(like.value) as i64;
        let alike = like.ids == ids && like.code == code;
        *like = Like {
            ids,
            code,
            value: bits,
        };
        if alike
            && change == i64::from(change as i16)
            && passed >> TICKS_BITS == 0
            && later >> SEQ_BITS == 0
        {
            let word = slot as u64
                | later << 8
                | IS_SHORT
                | passed << 24
                | u64::from(change as u16) << (24 + TICKS_BITS);
            self.store(word);
            return seq;
        }
        self.push_long(seq << 24 | u64::from(code), ticks, ids, bits)
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
            if !self.next_window() {
                return 0;
            }
        }
        let record = self.cursor.cast::<u64>();
        record.add(1).write(ticks);
        record.add(2).write(ids);
        record.add(3).write(bits);
        self.store(head);
        self.cursor = self.cursor.add(LONG - SHORT);
        head >> 24
    }

    #[cold]
    #[inline(never)]
    fn next_window(&mut self) -> bool {
        if !super::recording() {
            return false;
        }
        match self.advance() {
            Ok(()) => {
                page::anchor();
                true
            }
            Err(error) => {
                session::fail(error);
                false
            }
        }
    }

    /// Maps the next window. The blocks are reserved first: a store into a hole of a full disk
    /// would kill the program with SIGBUS.
    fn advance(&mut self) -> Result<(), i32> {
        let size = (self.window_size * 2).clamp(FIRST_WINDOW, LAST_WINDOW);
        let offset = self.file_size as libc::off_t;
        unsafe {
            let error = libc::posix_fallocate(self.fd, offset, size as libc::off_t);
            if error != 0 {
                return Err(error);
            }
            // The first window is sparse: most threads never fill it.
            let populate = if self.window_size == 0 {
                0
            } else {
                libc::MAP_POPULATE
            };
            let memory = libc::mmap(
                null_mut(),
                size,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED | populate,
                self.fd,
                offset,
            );
            if memory == libc::MAP_FAILED {
                return Err(errno());
            }
            if !self.window.is_null() {
                libc::munmap(self.window.cast(), self.window_size);
            }
            self.window = memory.cast();
            self.cursor = self.window;
            self.end = self.window.add(size);
        }
        self.window_size = size;
        self.file_size += size;
        Ok(())
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        unsafe {
            if !self.window.is_null() {
                libc::munmap(self.window.cast(), self.window_size);
            }
            libc::close(self.fd);
        }
    }
}

pub fn errno() -> i32 {
    std::io::Error::last_os_error()
        .raw_os_error()
        .unwrap_or(libc::EIO)
}
