//! Stopping a replayed run before one of its events: all other threads wait, and the one that is
//! about to make the event runs a debugger.

use super::run;
use crate::control::ending;
use crate::control::page::{phase, state};
use crate::control::slots::{self, page};
use crate::gil::Gil;
use crate::record::buffer;
use pyo3::prelude::*;
use std::sync::atomic::Ordering;

static DEBUGGER: Gil<Option<Py<PyAny>>> = Gil::new(None);

/// Calls the debugger in the thread that is about to make the event at the index.
pub fn stop_at(py: Python<'_>, index: u64, debugger: Py<PyAny>) {
    DEBUGGER.set(py, Some(debugger));
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe { page().strategy.replay.stop = index + 1 };
}

/// To be called when the calling thread has got its turn: stops here if it is to, or was to before
/// an event that was one step with that before it.
#[inline]
pub fn at_stop(py: Python<'_>) {
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe {
        let progress = &mut page().strategy.replay;
        if progress.stop == 0 || progress.stop > progress.position + 1 {
            return;
        }
        let due = slots::my_slot().is_some_and(|slot| slot.next == progress.position);
        if due && run().is_some() {
            progress.stop = 0;
            call_debugger(py);
        }
    }
}

#[cold]
fn call_debugger(py: Python<'_>) {
    let Some(debugger) = DEBUGGER.get(py).as_ref().map(|it| it.clone_ref(py)) else {
        return;
    };
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe {
        if let Err(error) = aside(py, debugger.bind(py)) {
            error.write_unraisable(py, None);
            page().phase.store(phase::REPLAYED, Ordering::SeqCst);
            ending::end_process();
        }
    }
}

/// Calls the function while the calling thread is neither under control nor recorded, and keeps the
/// baton.
pub unsafe fn aside<'py>(
    py: Python<'py>,
    function: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let slot = slots::MINE.replace(0);
    let recorded = buffer::current();
    buffer::set_current(std::ptr::null_mut());
    let set = |what| {
        if let Some(me) = slot.checked_sub(1) {
            page().slots[me].state.store(what, Ordering::SeqCst);
        }
    };
    // The watchdog leaves it alone, and the keyboard's interrupt.
    set(state::CONTROLLING);
    let interrupt = libc::signal(libc::SIGINT, libc::SIG_IGN);
    let result = function.call0();
    libc::signal(libc::SIGINT, interrupt);
    set(state::RUNNING);
    buffer::set_current(recorded);
    slots::MINE.set(slot);
    py.check_signals()?;
    result
}
