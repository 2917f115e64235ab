//! The native core of racetrace: what runs once an event, and the engines that read events.
//!
//! Without the feature `recorder` it has what reads and analyses traces alone, which needs neither
//! Linux nor a certain CPython.

use pyo3::prelude::*;

pub mod analysis;
#[cfg(feature = "recorder")]
pub mod channels;
#[cfg(feature = "recorder")]
pub mod children;
#[cfg(feature = "recorder")]
pub mod control;
#[cfg(feature = "recorder")]
pub mod convert;
#[cfg(feature = "recorder")]
pub mod cpython;
pub mod fileformat;
#[cfg(feature = "recorder")]
pub mod gil;
#[cfg(feature = "recorder")]
pub mod hooks;
pub mod index;
#[cfg(feature = "recorder")]
pub mod inputs;
#[cfg(feature = "recorder")]
pub mod messages;
pub mod model;
#[cfg(feature = "recorder")]
pub mod natives;
pub mod ops;
#[cfg(feature = "recorder")]
pub mod os;
#[cfg(feature = "recorder")]
pub mod output;
#[cfg(feature = "recorder")]
pub mod primitives;
#[cfg(feature = "recorder")]
pub mod program;
#[cfg(feature = "recorder")]
pub mod programs;
#[cfg(feature = "recorder")]
pub mod record;
#[cfg(feature = "recorder")]
pub mod replay;
#[cfg(feature = "recorder")]
pub mod reserve;
#[cfg(feature = "recorder")]
pub mod session;
#[cfg(feature = "recorder")]
pub mod signals;
pub mod spool;
#[cfg(feature = "recorder")]
pub mod sync;
#[cfg(feature = "recorder")]
pub mod text;
#[cfg(feature = "recorder")]
pub mod thread_owned;
#[cfg(feature = "recorder")]
pub mod traffic;
#[cfg(feature = "recorder")]
pub mod untraced;

#[cfg(feature = "recorder")]
#[global_allocator]
static ALLOCATOR: reserve::Allocator = reserve::Allocator;

#[pymodule(gil_used = true)]
fn _core(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add("OPS", ops::ALL.to_vec())?;
    m.add("RECORDS", cfg!(feature = "recorder"))?;
    analysis::register(&room(m, "analysis")?)?;
    let trace = room(m, "trace")?;
    fileformat::register(&trace)?;
    spool::register(&room(m, "spool")?)?;
    #[cfg(feature = "recorder")]
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

#[cfg(feature = "recorder")]
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
    program::register(&interpreter)?;
    untraced::register(&interpreter)?;
    os::register(&room(m, "os")?)
}
