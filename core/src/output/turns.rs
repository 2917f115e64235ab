//! One thread at a time writes to a stream: what it writes is in the file in the order of the events.
//!
//! The interpreter lets other threads run while one writes. One of them could record its event and
//! come first into the file, or the other way round. That it waits for the other, as it would in the
//! kernel, changes nothing for the program.

use crate::daemons::finalizing;
use pyo3::ffi;
use pyo3::prelude::*;
use std::ffi::{c_int, c_longlong, c_void};
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering};

extern "C" {
    fn PyThread_allocate_lock() -> *mut c_void;
    fn PyThread_acquire_lock_timed(
        lock: *mut c_void,
        us: c_longlong,
        interruptible: c_int,
    ) -> c_int;
    fn PyThread_release_lock(lock: *mut c_void);
}

/// What `PyThread_acquire_lock_timed` answers.
const ACQUIRED: c_int = 1;
const INTERRUPTED: c_int = 2;

/// How long a write is waited for, in us: one that takes longer waits for a reader, or runs a signal
/// handler, which may wait for what the calling thread holds.
const PATIENCE: c_longlong = 100_000;

/// The lock of a stream. The fields are the holder's of the GIL.
pub struct Turns {
    lock: AtomicPtr<c_void>,
    /// The process that has made the lock: a fork copies it as it is.
    process: AtomicU32,
    /// The thread that writes; 0: none.
    owner: AtomicU64,
}

/// The calling thread writes, until this is dropped.
pub struct Turn<'a>(Option<&'a Turns>);

impl Turns {
    pub fn new() -> Turns {
        Turns {
            lock: AtomicPtr::new(std::ptr::null_mut()),
            process: AtomicU32::new(0),
            owner: AtomicU64::new(0),
        }
    }

    /// Waits until no other thread writes. A thread that writes already, and whose signal handler
    /// does, goes on. An exception if the handler of a signal raised meanwhile.
    pub fn take(&self, py: Python<'_>) -> PyResult<Turn<'_>> {
        let process = std::process::id();
        if self.process.swap(process, Ordering::Relaxed) != process {
            let made = unsafe { PyThread_allocate_lock() };
            self.lock.store(made, Ordering::Relaxed);
            self.owner.store(0, Ordering::Relaxed);
        }
        let (lock, me) = (self.lock.load(Ordering::Relaxed), unsafe {
            libc::pthread_self()
        });
        // Of those that write while the interpreter ends none may come back.
        if lock.is_null() || self.owner.load(Ordering::Relaxed) == me || finalizing() {
            return Ok(Turn(None));
        }
        let mut got = unsafe { PyThread_acquire_lock_timed(lock, 0, 0) };
        while got != ACQUIRED {
            got = unsafe {
                let saved = ffi::PyEval_SaveThread();
                let got = PyThread_acquire_lock_timed(lock, PATIENCE, 1);
                ffi::PyEval_RestoreThread(saved);
                got
            };
            match got {
                INTERRUPTED => py.check_signals()?,
                ACQUIRED => {}
                _ => return Ok(Turn(None)),
            }
        }
        self.owner.store(me, Ordering::Relaxed);
        Ok(Turn(Some(self)))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if let Some(turns) = self.0 {
            turns.owner.store(0, Ordering::Relaxed);
            unsafe { PyThread_release_lock(turns.lock.load(Ordering::Relaxed)) };
        }
    }
}
