//! The definitions log of this process: what the numbers in the records stand for.

use super::{buffer, session};
use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::atomic::{AtomicI32, Ordering};

static FD: AtomicI32 = AtomicI32::new(-1);

/// Opens the log; entries are appended with one `write` each, which survives the process.
pub fn open(path: &Path) -> Result<(), i32> {
    let name = CString::new(path.as_os_str().as_bytes()).map_err(|_| libc::EINVAL)?;
    let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_APPEND | libc::O_CLOEXEC;
    let fd = unsafe { libc::open(name.as_ptr(), flags, 0o600) };
    if fd < 0 {
        return Err(buffer::errno());
    }
    let old = FD.swap(fd, Ordering::Relaxed);
    if old >= 0 {
        unsafe { libc::close(old) };
    }
    Ok(())
}

/// One entry under construction: `Entry::new(kind, fields).uint(…).str(…).write()`.
pub struct Entry(Vec<u8>);

impl Entry {
    pub fn new(kind: u8, fields: u32) -> Entry {
        let mut bytes = Vec::with_capacity(64);
        bytes.extend_from_slice(&[0; 4]);
        let mut entry = Entry(bytes);
        entry.array(fields + 1);
        entry.uint(u64::from(kind))
    }

    fn array(&mut self, len: u32) {
        let _ = rmp::encode::write_array_len(&mut self.0, len);
    }

    pub fn uint(mut self, value: u64) -> Entry {
        let _ = rmp::encode::write_uint(&mut self.0, value);
        self
    }

    pub fn int(mut self, value: i64) -> Entry {
        let _ = rmp::encode::write_sint(&mut self.0, value);
        self
    }

    pub fn bool(mut self, value: bool) -> Entry {
        let _ = rmp::encode::write_bool(&mut self.0, value);
        self
    }

    pub fn nil(mut self) -> Entry {
        let _ = rmp::encode::write_nil(&mut self.0);
        self
    }

    pub fn str(mut self, value: &str) -> Entry {
        let _ = rmp::encode::write_str(&mut self.0, value);
        self
    }

    pub fn bin(mut self, value: &[u8]) -> Entry {
        let _ = rmp::encode::write_bin(&mut self.0, value);
        self
    }

    pub fn ids(mut self, values: &[u32]) -> Entry {
        self.array(values.len() as u32);
        for &value in values {
            let _ = rmp::encode::write_uint(&mut self.0, u64::from(value));
        }
        self
    }

    pub fn write(mut self) {
        let length = (self.0.len() - 4) as u32;
        self.0[..4].copy_from_slice(&length.to_le_bytes());
        let fd = FD.load(Ordering::Relaxed);
        let mut rest = &self.0[..];
        while fd >= 0 && !rest.is_empty() {
            let n = unsafe { libc::write(fd, rest.as_ptr().cast(), rest.len()) };
            if n > 0 {
                rest = &rest[n as usize..];
            } else if buffer::errno() != libc::EINTR {
                session::fail(buffer::errno());
                return;
            }
        }
    }
}

pub const STRING: u8 = 1;
pub const SITE: u8 = 2;
pub const OBJECT: u8 = 3;
pub const LOCATION: u8 = 4;
pub const THREAD: u8 = 5;
pub const PROCESS: u8 = 6;
pub const NOTE: u8 = 7;
pub const SHARED: u8 = 8;
pub const INHERITED: u8 = 9;
pub const ENDED: u8 = 10;
