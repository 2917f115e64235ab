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
pub mod reserve;
#[cfg(feature = "recorder")]
pub mod schedule;
#[cfg(feature = "recorder")]
pub mod session;
#[cfg(feature = "recorder")]
pub mod signals;
#[cfg(feature = "recorder")]
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
    analysis::register(m)?;
    fileformat::register(m)?;
    #[cfg(feature = "recorder")]
    register_recorder(m)?;
    Ok(())
}

#[cfg(feature = "recorder")]
fn register_recorder(m: &Bound<'_, PyModule>) -> PyResult<()> {
    channels::register(m)?;
    children::register(m)?;
    hooks::register(m)?;
    inputs::register(m)?;
    messages::register(m)?;
    record::register(m)?;
    schedule::register(m)?;
    session::register(m)?;
    spool::register(m)?;
    primitives::register(m)?;
    cpython::originals::register(m)?;
    output::register(m)?;
    os::register(m)?;
    program::register(m)?;
    programs::register(m)?;
    sync::register(m)?;
    traffic::register(m)?;
    untraced::register(m)?;
    Ok(())
}
