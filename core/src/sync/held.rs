//! What is known of a lock, and recorded of its being taken.

use super::known::tracked;
use super::original::ORIGINAL;
use crate::cpython::locks;
use crate::cpython::methods::TwoArguments;
use crate::ops::{self, outcome};
use crate::record::{self, values};
use pyo3::ffi;
use pyo3::Python;
use std::ptr::null_mut;

type Object = *mut ffi::PyObject;

/// The number of the lock's object; None if it is in no event.
#[inline(always)]
pub unsafe fn number(py: Python<'_>, lock: Object) -> Option<u32> {
    match record::recording() {
        true => tracked(py, lock).map(|lock| lock.object),
        false => None,
    }
}

/// Records that the lock was taken.
#[inline(always)]
pub unsafe fn granted(py: Python<'_>, lock: Object, reentrant: bool) {
    // Looked up again: the lock table may have moved while the thread waited.
    let Some(lock) = record::recording().then(|| tracked(py, lock)).flatten() else {
        return;
    };
    let (tag, bits) = if reentrant {
        lock.depth += 1;
        (values::INT, u64::from(lock.depth))
    } else {
        (values::ABSENT, 0)
    };
    record::event(py, ops::ACQUIRE, lock.object, outcome::OK, tag, bits);
}

pub unsafe fn is_held(py: Python<'_>, lock: Object) -> bool {
    locks::is_held(py, lock).unwrap_or_else(|| answers_true(ORIGINAL.lock_locked.copied(py), lock))
}

/// Whether a method without arguments gives True.
pub unsafe fn answers_true(method: TwoArguments, lock: Object) -> bool {
    let answer = method(lock, null_mut());
    ffi::Py_XDECREF(answer);
    answer == ffi::Py_True()
}

/// Whether the calling thread holds the RLock.
pub unsafe fn is_owned(py: Python<'_>, lock: Object) -> bool {
    answers_true(ORIGINAL.rlock_owned.copied(py), lock)
}
