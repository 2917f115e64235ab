//! The native core of racetrace: what runs once an event, and the engines that read events.
//!
//! Elsewhere than on Linux, and without the feature `recorder`, it has what reads and analyses traces
//! alone (`build.rs`).

use pyo3::prelude::*;

pub mod analysis;
#[cfg(recorder)]
pub mod channels;
#[cfg(recorder)]
pub mod children;
#[cfg(recorder)]
pub mod control;
#[cfg(recorder)]
pub mod convert;
#[cfg(recorder)]
pub mod cpython;
pub mod fileformat;
#[cfg(recorder)]
pub mod gil;
#[cfg(recorder)]
pub mod hooks;
pub mod index;
#[cfg(recorder)]
pub mod inputs;
#[cfg(recorder)]
pub mod marshal;
#[cfg(recorder)]
pub mod messages;
pub mod model;
#[cfg(recorder)]
pub mod natives;
pub mod ops;
#[cfg(recorder)]
pub mod os;
#[cfg(recorder)]
pub mod output;
#[cfg(recorder)]
pub mod primitives;
#[cfg(recorder)]
pub mod program;
#[cfg(recorder)]
pub mod programs;
#[cfg(recorder)]
pub mod record;
#[cfg(recorder)]
pub mod replay;
#[cfg(recorder)]
pub mod reserve;
#[cfg(recorder)]
pub mod session;
#[cfg(recorder)]
pub mod signals;
pub mod spool;
#[cfg(recorder)]
pub mod sync;
#[cfg(recorder)]
pub mod text;
#[cfg(recorder)]
pub mod thread_owned;
#[cfg(recorder)]
pub mod traffic;
#[cfg(recorder)]
pub mod untraced;

#[cfg(recorder)]
#[global_allocator]
static ALLOCATOR: reserve::Allocator = reserve::Allocator;

#[pymodule(gil_used = true)]
fn _core(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add("OPS", ops::ALL.to_vec())?;
    m.add("RECORDS", cfg!(recorder))?;
    analysis::register(&room(m, "analysis")?)?;
    let trace = room(m, "trace")?;
    fileformat::register(&trace)?;
    spool::register(&room(m, "spool")?)?;
    #[cfg(recorder)]
    {
        convert::register(&trace)?;
        register_recorder(m)?;
    }
    Ok(())
}

/// A module in `_core`, which can be imported by its name.
fn room<'py>(m: &Bound<'py, PyModule>, name: &str) -> PyResult<Bound<'py, PyModule>> {
    let full = format!("{}.{name}", m.name()?);
    let room = PyModule::new(m.py(), &full)?;
    let modules = m.py().import("sys")?.getattr("modules")?;
    modules.set_item(full, &room)?;
    m.add(name, &room)?;
    Ok(room)
}

#[cfg(recorder)]
fn register_recorder(m: &Bound<'_, PyModule>) -> PyResult<()> {
    let record = room(m, "record")?;
    children::register(&record)?;
    inputs::register(&record)?;
    output::register(&record)?;
    programs::register(&record)?;
    record::register(&record)?;
    session::register(&record)?;
    let primitives = room(m, "primitives")?;
    channels::register(&primitives)?;
    messages::register(&primitives)?;
    primitives::register(&primitives)?;
    sync::register(&primitives)?;
    traffic::register(&primitives)?;
    hooks::register(&room(m, "hooks")?)?;
    control::register(&room(m, "control")?)?;
    replay::register(&room(m, "replay")?)?;
    let interpreter = room(m, "interpreter")?;
    cpython::originals::register(&interpreter)?;
    interpreter.add_function(wrap_pyfunction!(marshal::unmarshalled, &interpreter)?)?;
    program::register(&interpreter)?;
    untraced::register(&interpreter)?;
    os::register(&room(m, "os")?)
}
