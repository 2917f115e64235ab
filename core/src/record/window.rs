//! Mapped files of the spool, and one that grows through a mapped window. What is in a mapping is in
//! the page cache, so it survives any death of the process.
//!
//! No descriptor stays open: the program finds the descriptors that it would find without us, and
//! one that closes all it does not know (a daemon) closes none of ours.

use super::page;
use crate::os::errno;
use std::ffi::{CStr, CString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::null_mut;

/// Windows double from the first size to the last, so that a file with little in it costs little.
const FIRST: usize = 16 << 10;
const LAST: usize = 1 << 20;

pub struct Window {
    path: CString,
    pub start: *mut u8,
    pub size: usize,
    /// Where in the file the window starts.
    offset: usize,
}

impl Window {
    /// Makes the file, or empties it, and maps its first window.
    pub fn open(path: &Path) -> Result<Window, i32> {
        let path = name(path)?;
        // Sparse: most processes never fill it.
        let start = map(&path, 0, FIRST, libc::O_CREAT | libc::O_TRUNC, 0)?;
        Ok(Window {
            path,
            start,
            size: FIRST,
            offset: 0,
        })
    }

    /// Maps the next window; the bytes of the present one from `kept` on, a multiple of the page
    /// size, stay in it. `room` is how many bytes it must have at least.
    pub fn advance(&mut self, kept: usize, room: usize) -> Result<(), i32> {
        let size = (self.size * 2).clamp(FIRST, LAST).max(room);
        let size = size.next_multiple_of(FIRST);
        let offset = self.offset + kept;
        let start = map(&self.path, offset, size, 0, libc::MAP_POPULATE)?;
        self.unmap();
        self.start = start;
        self.size = size;
        self.offset = offset;
        Ok(())
    }

    fn unmap(&mut self) {
        // SAFETY: the memory is its own.
        unsafe { libc::munmap(self.start.cast(), self.size) };
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        self.unmap();
    }
}

pub fn name(path: &Path) -> Result<CString, i32> {
    CString::new(path.as_os_str().as_bytes()).map_err(|_| libc::EINVAL)
}

/// Maps a part of a file, which is opened with these flags and closed again. Its blocks are reserved
/// first: a store into a hole of a full disk would kill the program with SIGBUS.
pub fn map(
    path: &CStr,
    offset: usize,
    size: usize,
    open_flags: i32,
    map_flags: i32,
) -> Result<*mut u8, i32> {
    if !may_reach(offset + size) {
        return Err(libc::EFBIG);
    }
    page::growing(|| map_within(path, offset, size, open_flags, map_flags))
}

fn map_within(
    path: &CStr,
    offset: usize,
    size: usize,
    open_flags: i32,
    map_flags: i32,
) -> Result<*mut u8, i32> {
    let flags = libc::O_RDWR | libc::O_CLOEXEC | open_flags;
    let (offset, length) = (offset as libc::off_t, size as libc::off_t);
    // SAFETY: the memory is its own.
    unsafe {
        let fd = libc::open(path.as_ptr(), flags, 0o600);
        if fd < 0 {
            return Err(errno());
        }
        let mut error = libc::posix_fallocate(fd, offset, length);
        let mut memory = libc::MAP_FAILED;
        if error == 0 {
            let protection = libc::PROT_READ | libc::PROT_WRITE;
            let flags = libc::MAP_SHARED | map_flags;
            memory = libc::mmap(null_mut(), size, protection, flags, fd, offset);
            error = errno();
        }
        libc::close(fd);
        if memory == libc::MAP_FAILED {
            return Err(error);
        }
        Ok(memory.cast())
    }
}

/// Whether a file may grow so far: to try it would be a signal to the program (SIGXFSZ).
pub fn may_reach(end: usize) -> bool {
    let mut limit = libc::rlimit {
        rlim_cur: libc::RLIM_INFINITY,
        rlim_max: libc::RLIM_INFINITY,
    };
    // SAFETY: it is written into what lives here.
    unsafe { libc::getrlimit(libc::RLIMIT_FSIZE, &mut limit) };
    end as u64 <= limit.rlim_cur
}
