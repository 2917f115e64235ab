//! Locks. The program keeps CPython's own `_thread.lock` and `_thread.RLock`; what is replaced are
//! the C functions behind their methods, so that every lock, however it was imported, keeps its
//! type, its messages, its `repr`, its pickling error and its behaviour after a fork.
//!
//! A lock is recorded if it was made by the program rather than by the insides of `threading`,
//! `queue` and the like, whose locking order means nothing to the program.

mod acquire;
mod held;
mod install;
mod known;
mod methods;
mod original;
mod semaphores;
mod semlock;
mod sleep;

pub use install::install;
pub use known::forget_numbers;
use pyo3::prelude::*;

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    known::register(m)?;
    semlock::register(m)
}
