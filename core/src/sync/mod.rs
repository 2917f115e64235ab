//! Locks. The program keeps CPython's own `_thread.lock` and `_thread.RLock`; what is replaced are
//! the C functions behind their methods, so that every lock, however it was imported, keeps its
//! type, its messages, its `repr`, its pickling error and its behaviour after a fork.
//!
//! A lock is recorded if it was made by the program rather than by the insides of `threading`,
//! `queue` and the like, whose locking order means nothing to the program.

mod install;
mod methods;
mod sleep;

use crate::record::{identity, session::Gil};
use pyo3::ffi;
use rustc_hash::FxHashMap;

pub use install::install;

struct Tracked {
    object: u32,
    /// How often the owner of an RLock holds it.
    depth: u32,
}

static LOCKS: Gil<Option<FxHashMap<usize, Tracked>>> = Gil::new(None);

#[inline(always)]
unsafe fn tracked(lock: *mut ffi::PyObject) -> Option<&'static mut Tracked> {
    LOCKS.get().as_mut()?.get_mut(&(lock as usize))
}

/// Makes a lock a recorded one; returns its object id.
///
/// # Safety
/// The GIL is held and `lock` is a live `_thread.lock` or `_thread.RLock`.
pub unsafe fn track(lock: *mut ffi::PyObject, label: &str) -> u32 {
    let kind = if install::is_rlock(lock) {
        "RLock"
    } else {
        "Lock"
    };
    let object = identity::define_here(kind, label);
    identity::bind(lock, object);
    let tracked = Tracked { object, depth: 0 };
    LOCKS
        .get()
        .get_or_insert_with(FxHashMap::default)
        .insert(lock as usize, tracked);
    object
}

/// Called when a numbered object dies.
pub unsafe fn retire(address: usize) {
    if let Some(locks) = LOCKS.get() {
        locks.remove(&address);
    }
}
