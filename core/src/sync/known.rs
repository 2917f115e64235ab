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
pub unsafe fn tracked(lock: *mut ffi::PyObject) -> Option<&'static mut Tracked> {
    if record::elsewhere() {
        return None;
    }
    let known = LOCKS.get().as_mut()?.get_mut(&(lock as usize))?;
    if known.undecided {
        if !original::used_by_program() {
            return None;
        }
        known.undecided = false;
    }
    if known.object == 0 && record::recording() {
        number(lock, known);
    }
    Some(known)
}

/// Numbers a lock that is older than the recording, when it is first used: how many others there
/// are depends on what the process has done before.
#[cold]
unsafe fn number(lock: *mut ffi::PyObject, known: &mut Tracked) {
    known.object = identity::define_here(kind(lock), "");
    identity::bind(lock, known.object);
}

/// At the start of a recording: the program's locks that are older than it have no numbers.
///
/// # Safety
/// The GIL is held; the identity tables are fresh.
pub unsafe fn forget_numbers() {
    semaphores::number_older();
    let Some(locks) = LOCKS.get().as_mut() else {
        return;
    };
    for (&address, known) in locks {
        // Bound, so that its death is noticed.
        identity::bind(address as *mut ffi::PyObject, 0);
        known.object = 0;
    }
}

/// Keeps a lock in mind that the program has made while nothing is recorded.
pub unsafe fn remember(lock: *mut ffi::PyObject) {
    identity::bind(lock, 0);
    insert(lock, 0);
}

unsafe fn kind(lock: *mut ffi::PyObject) -> &'static str {
    if original::is_rlock(lock) {
        "RLock"
    } else {
        "Lock"
    }
}

unsafe fn insert(lock: *mut ffi::PyObject, object: u32) {
    let locks = LOCKS.get().get_or_insert_with(FxHashMap::default);
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
fn remember_locks(locks: Vec<Bound<'_, PyAny>>) {
    for lock in &locks {
        let lock = lock.as_ptr();
        unsafe {
            let locks = LOCKS.get().get_or_insert_with(FxHashMap::default);
            locks.entry(lock as usize).or_insert_with(|| {
                identity::bind(lock, 0);
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
pub unsafe fn track(lock: *mut ffi::PyObject) {
    let object = identity::define_here(kind(lock), "");
    identity::bind(lock, object);
    insert(lock, object);
}

/// Makes a lock that the standard library has made one of the program's; `number` is that of its
/// object, or 0 if it has none yet.
#[pyfunction]
fn track_lock(lock: &Bound<'_, PyAny>, number: u32) {
    if !record::recording() {
        return;
    }
    let lock = lock.as_ptr();
    unsafe {
        if number == 0 {
            track(lock);
        } else {
            identity::bind(lock, number);
            insert(lock, number);
        }
    }
}

pub unsafe fn retire(address: usize) {
    if let Some(locks) = LOCKS.get() {
        locks.remove(&address);
    }
    semaphores::retire(address);
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(track_lock, m)?)?;
    m.add_function(wrap_pyfunction!(remember_locks, m)?)
}
