//! The locks that are recorded: the program's, by address.

use super::{original, semaphores};
use crate::gil::Gil;
use crate::record::{self, identity};
use crate::reserve::Table;
use pyo3::ffi;
use pyo3::prelude::*;
use rustc_hash::FxHashMap;

pub struct Tracked {
    pub object: u32,
    /// How often the owner of an RLock holds it.
    pub depth: u32,
    /// It is older than the tool's first sight of locks: who takes it tells whether it is the program's.
    undecided: bool,
}

static LOCKS: Gil<Option<FxHashMap<usize, Tracked>>> = Gil::new(None);

#[inline(always)]
pub unsafe fn tracked(py: Python<'_>, lock: *mut ffi::PyObject) -> Option<&'static mut Tracked> {
    if record::elsewhere() {
        return None;
    }
    let known: *mut Tracked = LOCKS.get_some(py)?.get_mut(&(lock as usize))?;
    let known = &mut *known;
    if known.undecided {
        if !original::used_by_program(py) {
            return None;
        }
        known.undecided = false;
    }
    if known.object == 0 && record::recording() {
        number(py, lock, known);
    }
    Some(known)
}

/// Numbers a lock that is older than the recording, when it is first used: how many others there
/// are depends on what the process has done before.
#[cold]
unsafe fn number(py: Python<'_>, lock: *mut ffi::PyObject, known: &mut Tracked) {
    known.object = identity::define_here(py, kind(py, lock), "");
    identity::bind(py, lock, known.object);
}

/// At the start of a recording: the program's locks that are older than it have no numbers.
///
/// The identity tables are fresh.
pub fn forget_numbers(py: Python<'_>) {
    semaphores::number_older(py);
    let Some(mut locks) = LOCKS.get_some(py) else {
        return;
    };
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        for (&address, known) in locks.iter_mut() {
            // Bound, so that its death is noticed.
            identity::bind(py, address as *mut ffi::PyObject, 0);
            known.object = 0;
        }
    }
}

/// Keeps a lock in mind that the program has made while nothing is recorded.
pub unsafe fn remember(py: Python<'_>, lock: *mut ffi::PyObject) {
    identity::bind(py, lock, 0);
    insert(py, lock, 0);
}

unsafe fn kind(py: Python<'_>, lock: *mut ffi::PyObject) -> &'static str {
    if original::is_rlock(py, lock) {
        "RLock"
    } else {
        "Lock"
    }
}

unsafe fn insert(py: Python<'_>, lock: *mut ffi::PyObject, object: u32) {
    let mut locks = LOCKS.get_or_insert_with(py, FxHashMap::default);
    if !locks.spare() {
        return; // recorded is nothing any more
    }
    let tracked = Tracked {
        object,
        depth: 0,
        undecided: false,
    };
    locks.insert(lock as usize, tracked);
}

/// Keeps locks in mind that were made before anything was known of locks. Those of the standard
/// library are among them.
#[pyfunction]
fn remember_locks(py: Python<'_>, locks: Vec<Bound<'_, PyAny>>) {
    for lock in &locks {
        let lock = lock.as_ptr();
        // SAFETY: the lock is live.
        unsafe {
            let mut locks = LOCKS.get_or_insert_with(py, FxHashMap::default);
            locks.entry(lock as usize).or_insert_with(|| {
                identity::bind(py, lock, 0);
                Tracked {
                    object: 0,
                    depth: 0,
                    undecided: true,
                }
            });
        }
    }
}

/// Makes a lock a recorded one.
pub unsafe fn track(py: Python<'_>, lock: *mut ffi::PyObject) {
    let object = identity::define_here(py, kind(py, lock), "");
    identity::bind(py, lock, object);
    insert(py, lock, object);
}

/// Makes a lock that the standard library has made one of the program's; `number` is that of its
/// object, or 0 if it has none yet.
#[pyfunction]
fn track_lock(py: Python<'_>, lock: &Bound<'_, PyAny>, number: u32) {
    if !record::recording() {
        return;
    }
    let lock = lock.as_ptr();
    // SAFETY: the lock is live.
    unsafe {
        if number == 0 {
            track(py, lock);
        } else {
            identity::bind(py, lock, number);
            insert(py, lock, number);
        }
    }
}

pub fn retire(py: Python<'_>, address: usize) {
    if let Some(mut locks) = LOCKS.get_some(py) {
        locks.remove(&address);
    }
    semaphores::retire(py, address);
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(track_lock, m)?)?;
    m.add_function(wrap_pyfunction!(remember_locks, m)?)
}
