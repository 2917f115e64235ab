//! OUTPUT events: what threads write to stdout and stderr. See `tracer/recording/output.py`.

mod bytes;
mod descriptors;
mod print;
mod streams;
mod text;
mod turns;

use crate::cpython::thread_exit::finalizing;
use crate::ops;
use crate::record::{self, gate, page, uses, values};
use pyo3::prelude::*;
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};

thread_local! {
    /// Whether the calling thread writes something that is an event already.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
    /// Whether the calling thread has given something to the system.
    static GONE: Cell<bool> = const { Cell::new(false) };
}

/// Whether this process has written to a standard stream in several ways, past one's buffer.
static MIXED: AtomicBool = AtomicBool::new(false);

/// What is written meanwhile is part of what is an event already.
fn within<T>(act: impl FnOnce() -> T) -> T {
    let outer = INSIDE.replace(true);
    let result = act();
    INSIDE.set(outer);
    result
}

/// Whether what the calling thread writes is to be an event.
fn is_new() -> bool {
    record::recording() && !INSIDE.get()
}

/// A call that gives what lies in a stream's buffers to the system. When it does is an event (STEP)
/// where that decides what comes first: where other processes write to the same file, or this one
/// in other ways.
fn flushing<T>(py: Python<'_>, error: bool, flush: impl FnOnce() -> T) -> PyResult<T> {
    let shared = || {
        MIXED.load(Ordering::Relaxed)
            // SAFETY: the page is mapped from the start of the recording on.
            || unsafe { page::page() }.several.load(Ordering::Relaxed) != 0
    };
    // While the interpreter ends nobody waits for a turn.
    let tells = is_new() && !finalizing() && shared();
    let object = match tells {
        true => uses::object(py, "flush"),
        false => 0,
    };
    let is_step = tells && gate::next(py, ops::STEP, object).is_this_or(|| true);
    if is_step {
        gate::before(py, ops::STEP, object, 0);
    }
    let _turn = turns::take(py, error)?;
    if is_step {
        record::event(py, ops::STEP, object, 0, values::ABSENT, 0);
    }
    Ok(within(flush))
}

/// Replaces the functions that write to descriptors.
pub fn install(py: Python<'_>) {
    descriptors::install(py);
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    print::register(m)?;
    streams::register(m)?;
    bytes::register(m)
}
