//! Threads that are older than the recording, and so not recorded, but do what would be.

use super::unrecorded;
use crate::gil::Gil;
use pyo3::prelude::*;
use rustc_hash::FxHashSet;
use std::sync::atomic::{AtomicBool, Ordering};

static LOOKS: AtomicBool = AtomicBool::new(false);
static MET: Gil<Option<FxHashSet<u64>>> = Gil::new(None);

/// The calling thread would have made an event in code of the program, and is not recorded. What
/// installed packages do among themselves is their own affair.
#[cold]
pub fn met(py: Python<'_>) {
    // SAFETY: the call keeps nothing that it is given.
    unsafe {
        if LOOKS.load(Ordering::Relaxed) && !in_subinterpreter() && unrecorded::in_program(py) {
            let mut met = MET.get_or_insert_with(py, FxHashSet::default);
            met.insert(libc::pthread_self() as u64);
        }
    }
}

/// Whether to look for such threads; forgets those that were met.
#[pyfunction]
pub fn look_for_older(py: Python<'_>, looks: bool) {
    MET.set(py, None);
    LOOKS.store(looks, Ordering::Relaxed);
}

/// The idents of those that were met.
#[pyfunction]
pub fn older_met(py: Python<'_>) -> Vec<u64> {
    MET.get(py).iter().flatten().copied().collect()
}

#[cold]
pub fn in_subinterpreter() -> bool {
    // SAFETY: the calling thread has a thread state.
    unsafe { pyo3::ffi::PyInterpreterState_Get() != pyo3::ffi::PyInterpreterState_Main() }
}
