//! One thread at a time writes to a stream: what it writes is in the file in the order of the events.
//!
//! The interpreter lets other threads run while one writes. One of them could record its event and
//! come first into the file, or the other way round. That it waits for the other, as it would in the
//! kernel, changes nothing for the program. So do the processes of a run that has several.

use crate::cpython::thread_exit::finalizing;
use crate::record::{self, page, stripes};
use crate::schedule;
use pyo3::ffi;
use pyo3::prelude::*;
use std::ffi::{c_int, c_longlong, c_void};
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

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

/// After so long the process that writes is looked after.
const LOOK: Duration = Duration::from_millis(2);
const PAUSE: Duration = Duration::from_micros(50);

/// The lock of a stream. The fields are the holder's of the GIL.
pub struct Turns {
    lock: AtomicPtr<c_void>,
    /// The process that has made the lock: a fork copies it as it is.
    process: AtomicU32,
    /// The thread that writes; 0: none.
    owner: AtomicU64,
    /// Which of the page's words is that of the processes that write.
    stream: usize,
}

/// By stream: stdout and stderr.
static TURNS: [Turns; 2] = [Turns::new(0), Turns::new(1)];

/// The calling thread writes, until this is dropped.
pub struct Turn {
    of: Option<&'static Turns>,
    /// The word of the page that is held.
    word: Option<&'static AtomicU64>,
}

impl Turn {
    /// Whether this is what keeps others from writing.
    pub fn is_held(&self) -> bool {
        self.of.is_some()
    }
}

/// Waits for the calling thread's turn to write to stderr, or to stdout.
pub fn take(py: Python<'_>, error: bool) -> PyResult<Turn> {
    TURNS[usize::from(error)].take(py)
}

impl Turns {
    const fn new(stream: usize) -> Turns {
        Turns {
            lock: AtomicPtr::new(std::ptr::null_mut()),
            process: AtomicU32::new(0),
            owner: AtomicU64::new(0),
            stream,
        }
    }

    /// Waits until no other thread writes. A thread that writes already, and whose signal handler
    /// does, goes on. An exception if the handler of a signal raised meanwhile.
    fn take(&'static self, py: Python<'_>) -> PyResult<Turn> {
        let nobody = Turn {
            of: None,
            word: None,
        };
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
            return Ok(nobody);
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
                _ => return Ok(nobody),
            }
        }
        self.owner.store(me, Ordering::Relaxed);
        let mut turn = Turn {
            of: Some(self),
            word: None,
        };
        if record::recording() && !schedule::controlled() {
            turn.word = unsafe { self.await_processes() };
        }
        Ok(turn)
    }

    /// The word of the page, held, if the run has several processes. As above, a writing that takes
    /// long is not waited for.
    unsafe fn await_processes(&self) -> Option<&'static AtomicU64> {
        let page = page::page();
        if page.several.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let word = &page.writing[self.stream];
        let own = u64::from(std::process::id());
        let take = |from| {
            let taken = word.compare_exchange(from, own, Ordering::Acquire, Ordering::Relaxed);
            taken.err()
        };
        let mut holder = take(0);
        if holder.is_some() {
            let saved = ffi::PyEval_SaveThread();
            let since = Instant::now();
            while let Some(other) = holder {
                let waited = since.elapsed();
                holder = match waited > LOOK && !stripes::can_go_on(other) {
                    true => take(other),
                    false => take(0),
                };
                if holder.is_some() && waited > Duration::from_micros(PATIENCE as u64) {
                    break;
                }
                std::thread::sleep(PAUSE);
            }
            ffi::PyEval_RestoreThread(saved);
        }
        holder.is_none().then_some(word)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(word) = self.word {
            // Unless it was taken away.
            let own = u64::from(std::process::id());
            let _ = word.compare_exchange(own, 0, Ordering::Release, Ordering::Relaxed);
        }
        if let Some(turns) = self.of {
            turns.owner.store(0, Ordering::Relaxed);
            unsafe { PyThread_release_lock(turns.lock.load(Ordering::Relaxed)) };
        }
    }
}
