//! The definitions log of this process: what the numbers in the records stand for.

use super::state;
use super::window::Window;
use crate::gil::Gil;
use crate::spool::format::Definition;
use pyo3::Python;
use std::path::Path;
use std::sync::atomic::{compiler_fence, Ordering};

/// Windows move by whole pages.
const PAGE: usize = 4096;

struct Log {
    window: Window,
    /// Bytes of the window that are written.
    used: usize,
}

static LOG: Gil<Option<Log>> = Gil::new(None);

/// Opens the log.
pub fn open(py: Python<'_>, path: &Path) -> Result<(), i32> {
    let window = Window::open(path)?;
    LOG.set(py, Some(Log { window, used: 0 }));
    Ok(())
}

/// Nothing more is written into the log.
pub fn close(py: Python<'_>) {
    LOG.take(py);
}

impl Log {
    fn append(&mut self, entry: &[u8]) -> Result<(), i32> {
        if self.used + entry.len() > self.window.size {
            let kept = self.used / PAGE * PAGE;
            self.window.advance(kept, self.used - kept + entry.len())?;
            self.used -= kept;
        }
        // SAFETY: the GIL is held, and the objects are live.
        unsafe {
            let start = self.window.start.add(self.used);
            let (length, body) = entry.split_at(4);
            start
                .add(4)
                .copy_from_nonoverlapping(body.as_ptr(), body.len());
            // Last, so that an entry with a length is a whole one however the process dies.
            compiler_fence(Ordering::Release);
            start
                .cast::<[u8; 4]>()
                .write(length.try_into().expect("4 bytes"));
            self.used += entry.len();
            Ok(())
        }
    }
}

/// One entry under construction: `Entry::new(kind, fields).uint(…).str(…).write()`.
pub struct Entry(Vec<u8>);

impl Entry {
    pub fn new(kind: Definition, fields: u32) -> Entry {
        let mut bytes = Vec::with_capacity(64);
        bytes.extend_from_slice(&[0; 4]);
        let mut entry = Entry(bytes);
        entry.array(fields + 1);
        entry.uint(u64::from(kind.code()))
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

    pub fn float(mut self, value: f64) -> Entry {
        let _ = rmp::encode::write_f64(&mut self.0, value);
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

    pub fn write(mut self, py: Python<'_>) {
        let length = (self.0.len() - 4) as u32;
        self.0[..4].copy_from_slice(&length.to_le_bytes());
        // Entries are made while the GIL is held.
        if let Some(mut log) = LOG.get_some(py) {
            if let Err(errno) = log.append(&self.0) {
                state::fail(errno);
            }
        }
    }
}
