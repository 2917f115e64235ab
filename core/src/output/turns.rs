//! One thread at a time writes to a stream: what it writes is in the file in the order of the events.
//!
//! The interpreter lets other threads run while one writes. One of them could record its event and
//! come first into the file, or the other way round. That it waits for the other, as it would in the
//! kernel, changes nothing for the program. So do the processes of a run that has several.

use crate::control;
use crate::cpython::thread_exit::finalizing;
use crate::record::{self, page, stripes};
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

/// How long a write is waited for whose process sleeps: it waits for a reader, or runs a signal handler or
/// a `__str__`, which may wait for what the calling thread holds.
const PATIENCE: Duration = Duration::from_millis(100);
/// … which is looked at so often meanwhile: the calling thread may lack a processor, too.
const LOOKS: u32 = 10;
/// How long one is waited for whose process has something to do, but perhaps no processor to do it: some other
/// thread of it may go on for ever.
const LIMIT: Duration = Duration::from_secs(10);

/// After so long the process that writes is looked after.
const LOOK: Duration = Duration::from_millis(2);
const PAUSE: Duration = Duration::from_micros(50);
/// How long a thread waits for another one of its process before it looks after that, in us.
const SPELL: c_longlong = 10_000;

/// The lock of a stream. The fields are the holder's of the GIL.
pub struct Turns {
    lock: AtomicPtr<c_void>,
    /// The process that has made the lock: a fork copies it as it is.
    process: AtomicU32,
    /// The thread that writes; 0: none.
    owner: AtomicU64,
    /// The process for which that one waits; 0: none.
    awaited: AtomicU32,
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
            awaited: AtomicU32::new(0),
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
            // SAFETY: the lock is new, and is kept for ever.
            let made = unsafe { PyThread_allocate_lock() };
            self.lock.store(made, Ordering::Relaxed);
            self.owner.store(0, Ordering::Relaxed);
            self.awaited.store(0, Ordering::Relaxed);
        }
        // SAFETY: the lock is one, and is kept for ever.
        let (lock, me) = (self.lock.load(Ordering::Relaxed), unsafe {
            libc::pthread_self()
        });
        // Of those that write while the interpreter ends none may come back.
        if lock.is_null() || self.owner.load(Ordering::Relaxed) == me || finalizing() {
            return Ok(nobody);
        }
        // SAFETY: the lock is one, and is kept for ever.
        let mut got = unsafe { PyThread_acquire_lock_timed(lock, 0, 0) };
        let mut patience = Patience::new();
        while got != ACQUIRED {
            let mut is_over = false;
            // SAFETY: the lock is one, and is kept for ever.
            got = unsafe {
                let saved = ffi::PyEval_SaveThread();
                let got = PyThread_acquire_lock_timed(lock, SPELL, 1);
                if got != ACQUIRED {
                    let awaited = self.awaited.load(Ordering::Relaxed);
                    is_over = patience.is_over(if awaited == 0 { process } else { awaited });
                }
                ffi::PyEval_RestoreThread(saved);
                got
            };
            match got {
                INTERRUPTED => py.check_signals()?,
                ACQUIRED => {}
                _ if is_over => return Ok(nobody),
                _ => {}
            }
        }
        self.owner.store(me, Ordering::Relaxed);
        let mut turn = Turn {
            of: Some(self),
            word: None,
        };
        if record::recording() && !control::controlled() {
            turn.word = self.await_processes(py);
        }
        Ok(turn)
    }

    /// The word of the page, held, if the run has several processes. As above, a writing that waits for
    /// something else is not waited for.
    fn await_processes(&self, _: Python<'_>) -> Option<&'static AtomicU64> {
        // SAFETY: the GIL is held, and is taken again before anything of Python is touched.
        unsafe {
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
                let mut patience = Patience::new();
                let mut looked = Instant::now();
                while let Some(other) = holder {
                    self.awaited.store(other as u32, Ordering::Relaxed);
                    std::thread::sleep(PAUSE);
                    let looks = looked.elapsed() > LOOK;
                    holder = take(match looks && !stripes::can_go_on(other) {
                        true => other,
                        false => 0,
                    });
                    if looks {
                        if holder.is_some() && patience.is_over(other as u32) {
                            break;
                        }
                        looked = Instant::now();
                    }
                }
                self.awaited.store(0, Ordering::Relaxed);
                ffi::PyEval_RestoreThread(saved);
            }
            holder.is_none().then_some(word)
        }
    }
}

/// How long a writing has been waited for.
struct Patience {
    since: Instant,
    /// Since when its process has been found to sleep, and how often.
    asleep: Option<Instant>,
    looks: u32,
}

impl Patience {
    fn new() -> Patience {
        Patience {
            since: Instant::now(),
            asleep: None,
            looks: 0,
        }
    }

    /// Looks after the process that writes: whether to go on without a turn.
    fn is_over(&mut self, process: u32) -> bool {
        if is_awake(process) {
            (self.asleep, self.looks) = (None, 0);
        } else {
            self.looks += 1;
        }
        let asleep = self.asleep.get_or_insert_with(Instant::now).elapsed();
        let sleeps = asleep > PATIENCE && self.looks >= LOOKS;
        sleeps || self.since.elapsed() > LIMIT
    }
}

/// Whether a thread of the process other than the calling one runs, or would if it had a processor.
fn is_awake(process: u32) -> bool {
    // SAFETY: the call gets numbers alone.
    let own = unsafe { libc::gettid() }.to_string();
    let Ok(threads) = std::fs::read_dir(format!("/proc/{process}/task")) else {
        return false;
    };
    threads
        .flatten()
        .filter(|thread| thread.file_name().to_str() != Some(own.as_str()))
        .filter_map(|thread| std::fs::read_to_string(thread.path().join("stat")).ok())
        .any(|stat| {
            let state = stat.rsplit(')').next().unwrap_or_default().trim_start();
            state.starts_with(['R', 'D'])
        })
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
            // SAFETY: the lock is one, and is kept for ever.
            unsafe { PyThread_release_lock(turns.lock.load(Ordering::Relaxed)) };
        }
    }
}
