//! Threads that are older than a recording of a part of the program: each is recorded from its first
//! event on.

use super::threads::{self, define, maker, ThreadRow};
use super::{alone, buffer, events, identity, state};
use crate::gil::GilMut;
use crate::ops;
use pyo3::Python;
use std::ptr::null_mut;
use std::sync::{Mutex, PoisonError};

/// The threads that are waited for, by what the system knows them by: the thread id.
static WAITING: Mutex<Vec<(u64, u32)>> = Mutex::new(Vec::new());

/// Another recording than the process's first begins: threads may have buffers of an earlier one.
pub fn begin() {
    expect(Vec::new());
}

/// The threads that the system knows by these numbers enter the present session when they make an
/// event.
pub fn expect(threads: Vec<(u64, u32)>) {
    *WAITING.lock().unwrap_or_else(PoisonError::into_inner) = threads;
    buffer::reopen(enter);
}

/// Numbers the threads that are older than the recording, which are known by their idents, names and
/// kinds and by whether they are daemons: (thread id, object id) of each. They are recorded from
/// their first event on.
pub fn adopt(py: Python<'_>, threads: &[(u64, String, bool, String)]) -> Vec<(u32, u32)> {
    let mut numbers = Vec::new();
    for (position, (_, name, daemon, kind)) in threads.iter().enumerate() {
        // Those that it makes are called as without these.
        let path = |row: GilMut<'_, ThreadRow>| format!("{}~{}", row.path, position + 1);
        let Some(path) = maker(py).map(path) else {
            break;
        };
        let mut row = ThreadRow::new(path, name, 0);
        row.daemon = *daemon;
        numbers.push(define(py, row, kind));
    }
    if !numbers.is_empty() {
        alone::no_more(py);
    }
    for &(_, object) in &numbers {
        identity::mention(py, object);
    }
    let idents = threads.iter().map(|thread| thread.0);
    expect(idents.zip(numbers.iter().map(|number| number.0)).collect());
    numbers
}

/// If the calling thread is one of those that are waited for, it is recorded from here on.
fn enter() {
    // SAFETY: it is called by an operation of Python, which holds the GIL.
    let py = unsafe { Python::assume_attached() };
    let buffer = buffer::current();
    if !buffer.is_null() {
        // SAFETY: the buffer is the calling thread's own.
        if unsafe { (*buffer).session } == state::session() {
            return;
        }
        buffer::set_current(null_mut());
        // SAFETY: the buffer was made by `Box::into_raw`, and is nobody's any more.
        drop(unsafe { Box::from_raw(buffer) });
    }
    // SAFETY: the call gets numbers alone.
    let ident = unsafe { libc::pthread_self() } as u64;
    let waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
    let found = waiting.iter().find(|(known, _)| *known == ident);
    let thread = found.map_or(0, |(_, thread)| *thread);
    drop(waiting);
    // It is one of the main interpreter's, which has the GIL.
    if thread != 0 && threads::enter(py, thread).is_ok() {
        events::event(py, ops::BEGIN, threads::object(py, thread), 0, 0, 0);
    }
}
