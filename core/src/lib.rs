//! The native core of racetrace: what runs once an event, and the engines that read events.

use pyo3::prelude::*;

pub mod analysis;
pub mod channels;
pub mod children;
pub mod cpython;
pub mod fileformat;
pub mod gil;
pub mod hooks;
pub mod inputs;
pub mod messages;
pub mod model;
pub mod natives;
pub mod ops;
pub mod os;
pub mod output;
pub mod primitives;
pub mod program;
pub mod programs;
pub mod record;
pub mod reserve;
pub mod schedule;
pub mod session;
pub mod signals;
pub mod spool;
pub mod sync;
pub mod text;
pub mod thread_owned;
pub mod traffic;
pub mod untraced;

#[global_allocator]
static ALLOCATOR: reserve::Allocator = reserve::Allocator;

#[pymodule(gil_used = true)]
fn _core(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add("OPS", ops::ALL.to_vec())?;
    analysis::register(m)?;
    channels::register(m)?;
    children::register(m)?;
    fileformat::register(m)?;
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
