//! Threads that are older than a recording of a part of the program: each is recorded from its first
//! event on.

use super::{buffer, session};
use crate::ops;
use std::cell::Cell;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

/// Counts the times at which it became open again what the threads of the process are to a recording:
/// when one after the first began, and when it was said who is waited for.
static TIMES: AtomicU32 = AtomicU32::new(0);

/// The threads that are waited for, by what the system knows them by: the thread id.
static WAITING: Mutex<Vec<(u64, u32)>> = Mutex::new(Vec::new());

thread_local! {
    /// The time at which it was last looked who the calling thread is.
    static SEEN: Cell<u32> = const { Cell::new(0) };
}

/// Another recording than the process's first begins: threads may have buffers of an earlier one.
pub fn begin() {
    expect(Vec::new());
}

/// The threads that the system knows by these numbers enter the present session when they make an
/// event.
pub fn expect(threads: Vec<(u64, u32)>) {
    *WAITING.lock().unwrap_or_else(PoisonError::into_inner) = threads;
    TIMES.fetch_add(1, Ordering::SeqCst);
}

/// Whether it is to be seen who the calling thread is.
#[inline(always)]
pub fn unseen() -> bool {
    let times = TIMES.load(Ordering::Relaxed);
    times != 0 && SEEN.get() != times
}

/// If the calling thread is one of those that are waited for, it is recorded from here on.
#[cold]
#[inline(never)]
pub fn enter() {
    SEEN.set(TIMES.load(Ordering::Relaxed));
    let buffer = buffer::current();
    if !buffer.is_null() {
        if unsafe { (*buffer).session } == session::count() {
            return;
        }
        buffer::set_current(null_mut());
        drop(unsafe { Box::from_raw(buffer) });
    }
    let ident = unsafe { libc::pthread_self() } as u64;
    let waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
    let found = waiting.iter().find(|(known, _)| *known == ident);
    let thread = found.map_or(0, |(_, thread)| *thread);
    drop(waiting);
    // It is one of the main interpreter's, which has the GIL.
    if thread != 0 && unsafe { session::enter_thread(thread) }.is_ok() {
        unsafe { super::event(ops::BEGIN, session::thread_object(thread), 0, 0, 0) };
    }
}
