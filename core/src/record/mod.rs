//! The recorder: what turns an operation of the running program into a record in the spool.
//!
//! What needs the GIL takes `Python<'_>`; nothing calls back into Python code on the per-event path,
//! so plain (unsynchronised) statics are safe; a free-threaded build is refused at compile time.

#[cfg(Py_GIL_DISABLED)]
compile_error!("the recorder relies on the GIL; free-threaded builds are not supported yet");

pub mod adopted;
pub mod alone;
pub mod askers;
pub mod blocks;
pub mod buffer;
pub mod clock;
pub mod defs;
pub mod delegates;
mod events;
pub mod gate;
pub mod hashes;
pub mod holdings;
pub mod identity;
pub mod keys;
pub mod locations;
mod older;
pub mod page;
pub mod paged;
pub mod passing;
pub mod python;
pub mod sites;
pub mod stacks;
pub mod state;
pub mod strands;
pub mod strings;
pub mod stripes;
pub mod threads;
pub mod unrecorded;
pub mod uses;
pub mod values;
mod weak_deaths;
pub mod window;
pub mod worth;

pub use events::{access, elsewhere, emit, event, failed, output, refused, update};
pub use state::{memory, recording};

pub fn register(m: &pyo3::Bound<'_, pyo3::types::PyModule>) -> pyo3::PyResult<()> {
    alone::register(m)?;
    python::register(m)
}
