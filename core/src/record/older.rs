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
///
/// # Safety
/// The GIL is held.
#[cold]
pub unsafe fn met() {
    if LOOKS.load(Ordering::Relaxed) && !in_subinterpreter() && unrecorded::in_program() {
        let met = MET.get().get_or_insert_with(FxHashSet::default);
        met.insert(libc::pthread_self() as u64);
    }
}

/// Whether to look for such threads; forgets those that were met.
#[pyfunction]
pub fn look_for_older(looks: bool) {
    unsafe { *MET.get() = None };
    LOOKS.store(looks, Ordering::Relaxed);
}

/// The idents of those that were met.
#[pyfunction]
pub fn older_met() -> Vec<u64> {
    let met = unsafe { MET.get() };
    met.iter().flatten().copied().collect()
}

#[cold]
pub fn in_subinterpreter() -> bool {
    unsafe { pyo3::ffi::PyInterpreterState_Get() != pyo3::ffi::PyInterpreterState_Main() }
}
