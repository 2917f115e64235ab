//! A file of the spool that grows through a mapped window. What is in the window is in the page
//! cache, so it survives any death of the process.
//!
//! No descriptor stays open: the program finds the descriptors that it would find without us, and
//! one that closes all it does not know (a daemon) closes none of ours.

use std::ffi::CString;
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
        let path = CString::new(path.as_os_str().as_bytes()).map_err(|_| libc::EINVAL)?;
        let mut window = Window {
            path,
            start: null_mut(),
            size: 0,
            offset: 0,
        };
        window.map(0, FIRST, libc::O_CREAT | libc::O_TRUNC)?;
        Ok(window)
    }

    /// Maps the next window; the bytes of the present one from `kept` on, a multiple of the page
    /// size, stay in it. `room` is how many bytes it must have at least.
    pub fn advance(&mut self, kept: usize, room: usize) -> Result<(), i32> {
        let size = (self.size * 2).clamp(FIRST, LAST).max(room);
        self.map(self.offset + kept, size.next_multiple_of(FIRST), 0)
    }

    /// Maps that part of the file. Its blocks are reserved first: a store into a hole of a full
    /// disk would kill the program with SIGBUS.
    fn map(&mut self, offset: usize, size: usize, flags: i32) -> Result<(), i32> {
        let flags = flags | libc::O_RDWR | libc::O_CLOEXEC;
        unsafe {
            let fd = libc::open(self.path.as_ptr(), flags, 0o600);
            if fd < 0 {
                return Err(errno());
            }
            let mut error = libc::posix_fallocate(fd, offset as libc::off_t, size as libc::off_t);
            let mut memory = libc::MAP_FAILED;
            if error == 0 {
                // The first window is sparse: most threads never fill it.
                let populate = if self.size == 0 {
                    0
                } else {
                    libc::MAP_POPULATE
                };
                memory = libc::mmap(
                    null_mut(),
                    size,
                    libc::PROT_READ | libc::PROT_WRITE,
                    libc::MAP_SHARED | populate,
                    fd,
                    offset as libc::off_t,
                );
                error = errno();
            }
            libc::close(fd);
            if memory == libc::MAP_FAILED {
                return Err(error);
            }
            self.unmap();
            self.start = memory.cast();
        }
        self.size = size;
        self.offset = offset;
        Ok(())
    }

    fn unmap(&mut self) {
        if !self.start.is_null() {
            unsafe { libc::munmap(self.start.cast(), self.size) };
        }
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        self.unmap();
    }
}

pub fn errno() -> i32 {
    std::io::Error::last_os_error()
        .raw_os_error()
        .unwrap_or(libc::EIO)
}
