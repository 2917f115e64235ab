//! Each thread writes its records into a file of its own, through a mapped window that moves on.
//! What is in the window is in the page cache, so it survives any death of the process.

use super::{clock, page, session};
use std::cell::Cell;
use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU64, Ordering};

const RECORD: usize = 32;
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

#[repr(C)]
pub struct Buffer {
    cursor: *mut u8,
    end: *mut u8,
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
        let record = self.cursor.cast::<u64>();
        record.add(1).write(clock::ticks());
        record
            .add(2)
            .write(u64::from(target) | u64::from(site) << 32);
        record.add(3).write(bits);
        let word = seq << 24 | u64::from(op) << 16 | u64::from(tag) << 8 | u64::from(low);
        // Last, so that a record with an op is a whole one however the process dies.
        (*record.cast::<AtomicU64>()).store(word, Ordering::Release);
        self.cursor = self.cursor.add(RECORD);
        seq
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
