//! Recordings and their threads as Python begins and ends them; `tracer/_core/record.pyi` has its words.

use crate::control;
use crate::record::threads::{self, Birth};
use crate::record::{adopted, alone};
use crate::text::Text;
use pyo3::prelude::*;
use std::path::PathBuf;

#[pyfunction]
#[pyo3(signature = (spool, process_index, process_path, memory, method="", name=Text::of("MainProcess"), daemon=false, object="", lone_reads=false))]
#[allow(clippy::too_many_arguments)]
fn start(
    py: Python<'_>,
    spool: PathBuf,
    process_index: u32,
    process_path: &str,
    memory: bool,
    method: &str,
    name: Text,
    daemon: bool,
    object: &str,
    lone_reads: bool,
) -> PyResult<()> {
    let birth = Birth {
        process: process_index,
        path: process_path,
        method,
        name: &name,
        daemon,
        object,
    };
    Ok(super::start(py, &spool, &birth, memory, lone_reads)?)
}

#[pyfunction]
fn install(py: Python<'_>) {
    super::install(py)
}

#[pyfunction]
fn stop(py: Python<'_>) {
    control::finish(py);
    super::stop(py);
    control::release(py);
}

#[pyfunction]
#[pyo3(signature = (name, daemon, kind, internal=false))]
fn new_thread(py: Python<'_>, name: Text, daemon: bool, kind: Text, internal: bool) -> (u32, u32) {
    let (thread, object) = threads::make(py, &name, daemon, &kind, internal);
    if thread != 0 {
        control::bear(py, thread);
    }
    (thread, object)
}

#[pyfunction]
fn late_thread(py: Python<'_>, name: Text, daemon: bool, kind: Text, serves: &str) -> (u32, u32) {
    let (thread, object) = threads::appear(py, &name, daemon, &kind, serves);
    if thread != 0 {
        control::appear(py, thread);
    }
    (thread, object)
}

#[pyfunction]
fn adopt_threads(py: Python<'_>, threads: Vec<(u64, String, bool, String)>) -> Vec<(u32, u32)> {
    adopted::adopt(py, &threads)
}

#[pyfunction]
fn enter_thread(py: Python<'_>, thread_id: u32) {
    control::enter(py, thread_id);
    // If the spool can take no more, the recording has ended, and the program goes on.
    let _ = threads::enter(py, thread_id);
}

/// The calling thread is about to start one of its process that is not recorded. What the controller
/// knows that by; 0: it is not under control.
#[pyfunction]
fn new_unrecorded_thread(py: Python<'_>) -> u32 {
    alone::no_more(py);
    control::bear_unrecorded(py)
}

#[pyfunction]
fn enter_unrecorded_thread(py: Python<'_>, thread_id: u32) {
    control::enter(py, thread_id);
}

/// The thread has been started: under control it comes to wait for its turn first.
#[pyfunction]
fn await_entry(py: Python<'_>, thread_id: u32) {
    control::await_entry(py, thread_id)
}

/// The thread could not be started.
#[pyfunction]
fn forget_thread(py: Python<'_>, thread_id: u32) {
    alone::not_started(py, thread_id);
    control::forget(py, thread_id)
}

#[pyfunction]
fn leave_thread(py: Python<'_>) {
    super::leave_thread(py);
}

#[pyfunction]
fn child_ended(py: Python<'_>, pid: i32, status: i32) {
    threads::child_ended(py, control::pids::real(pid) as u32, status);
}

#[pyfunction]
fn after_fork(
    py: Python<'_>,
    process_index: u32,
    process_path: &str,
    memory: bool,
    name: Text,
    daemon: bool,
    object: &str,
) -> PyResult<()> {
    let birth = Birth {
        process: process_index,
        path: process_path,
        method: "fork",
        name: &name,
        daemon,
        object,
    };
    Ok(super::after_fork(py, &birth, memory)?)
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(start, m)?)?;
    m.add_function(wrap_pyfunction!(install, m)?)?;
    m.add_function(wrap_pyfunction!(stop, m)?)?;
    m.add_function(wrap_pyfunction!(new_thread, m)?)?;
    m.add_function(wrap_pyfunction!(late_thread, m)?)?;
    m.add_function(wrap_pyfunction!(adopt_threads, m)?)?;
    m.add_function(wrap_pyfunction!(enter_thread, m)?)?;
    m.add_function(wrap_pyfunction!(new_unrecorded_thread, m)?)?;
    m.add_function(wrap_pyfunction!(enter_unrecorded_thread, m)?)?;
    m.add_function(wrap_pyfunction!(await_entry, m)?)?;
    m.add_function(wrap_pyfunction!(forget_thread, m)?)?;
    m.add_function(wrap_pyfunction!(leave_thread, m)?)?;
    m.add_function(wrap_pyfunction!(child_ended, m)?)?;
    m.add_function(wrap_pyfunction!(after_fork, m)?)?;
    Ok(())
}
