//! A recorded run that is done again, for Python.

use super::stop;
use crate::control::page::phase;
use crate::control::{controlled, ending, slots};
use crate::model::Value;
use crate::record::{passing, values};
use pyo3::prelude::*;
use pyo3::types::PyString;
use std::path::PathBuf;
use std::sync::atomic::Ordering;

/// Loads the trace that the strategy "replay" follows. Before `control`.
#[pyfunction]
fn follow_trace(path: PathBuf, follow: bool) -> PyResult<()> {
    passing::keep_all();
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    Ok(unsafe { super::load(&path, follow) }?)
}

/// Whether a replayed run has this event of the calling thread next.
#[pyfunction]
fn expected(py: Python<'_>, op: u8) -> bool {
    controlled() && super::expects(py, op)
}

/// Calls the debugger, in the thread that is about to make it, before the event at the index of the
/// trace that is followed. After `control`.
#[pyfunction]
fn stop_at(py: Python<'_>, index: u64, debugger: Py<PyAny>) {
    stop::stop_at(py, index, debugger)
}

/// Calls the function while the calling thread is neither under control nor recorded, and all
/// others wait.
#[pyfunction]
fn aside<'py>(function: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe { stop::aside(function.py(), function) }
}

/// The index of the event that a replayed run makes next.
#[pyfunction]
fn replay_position() -> u64 {
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe { slots::page() }.strategy.replay.position
}

/// Ends all processes of a replayed run.
#[pyfunction]
fn end_replay() {
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe {
        let run = slots::page();
        run.phase.store(phase::REPLAYED, Ordering::SeqCst);
        ending::end_process()
    }
}

/// Whether this process follows a trace to the letter.
#[pyfunction]
fn replaying(py: Python<'_>) -> bool {
    super::exactly(py)
}

/// The outcome that a replayed run's next event has if it is this one, of the calling thread.
#[pyfunction]
fn expected_outcome(py: Python<'_>, op: u8) -> Option<u8> {
    if !controlled() {
        return None;
    }
    super::due(py, op).map(|event| event.outcome)
}

/// The value that a replayed run's next event has if it is this one, of the calling thread; else
/// the given one.
#[pyfunction]
fn expected_value<'py>(op: u8, given: Bound<'py, PyAny>) -> Bound<'py, PyAny> {
    if !controlled() {
        return given;
    }
    let py = given.py();
    let value = super::due(py, op).and_then(|event| super::value(py, event));
    let made = value.and_then(|(value, text)| match value {
        // That of an input is a large int.
        Value::Str(_) => Some(PyString::from_bytes(py, text).ok()?.into_ptr()),
        _ => values::made_of(py, value, text),
    });
    // SAFETY: it is a new reference, or null with an exception set.
    made.and_then(|object| unsafe { Bound::from_owned_ptr_or_opt(py, object) })
        .unwrap_or(given)
}

/// The number that the event has to which a replayed run's next event, of the calling thread, has a
/// link.
#[pyfunction]
fn expected_link(py: Python<'_>) -> u64 {
    if !controlled() {
        return 0;
    }
    super::link(py)
}

/// Whether the calling thread's next event in a replayed run, be it its turn or not, is this one on
/// the object.
#[pyfunction]
fn to_come(py: Python<'_>, op: u8, object: u32) -> bool {
    controlled() && super::comes(py, op, object)
}

/// The name of the object of the calling thread's next event in a replayed run, if it is this one.
#[pyfunction]
fn name_to_come(py: Python<'_>, op: u8) -> Option<String> {
    if !controlled() {
        return None;
    }
    let name = super::name_to_come(py, op);
    name.map(|name| String::from_utf8_lossy(name).into_owned())
}

/// The value, a number, of the calling thread's next event in a replayed run, be it its turn or not, if it
/// is this one on the object; else 0.
#[pyfunction]
fn count_to_come(py: Python<'_>, op: u8, object: u32) -> i64 {
    match controlled() {
        true => super::count_to_come(py, op, object),
        false => 0,
    }
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(follow_trace, m)?)?;
    m.add_function(wrap_pyfunction!(expected, m)?)?;
    m.add_function(wrap_pyfunction!(stop_at, m)?)?;
    m.add_function(wrap_pyfunction!(aside, m)?)?;
    m.add_function(wrap_pyfunction!(replay_position, m)?)?;
    m.add_function(wrap_pyfunction!(end_replay, m)?)?;
    m.add_function(wrap_pyfunction!(replaying, m)?)?;
    m.add_function(wrap_pyfunction!(expected_outcome, m)?)?;
    m.add_function(wrap_pyfunction!(expected_value, m)?)?;
    m.add_function(wrap_pyfunction!(expected_link, m)?)?;
    m.add_function(wrap_pyfunction!(to_come, m)?)?;
    m.add_function(wrap_pyfunction!(name_to_come, m)?)?;
    m.add_function(wrap_pyfunction!(count_to_come, m)?)?;
    Ok(())
}
