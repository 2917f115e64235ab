//! What the locks' methods were before they were replaced, and who calls them.

use crate::cpython::methods::{TwoArguments, WithKeywords};
use crate::cpython::{frames, lock_methods};
use crate::gil::Gil;
use crate::record::sites;
use pyo3::ffi;
use pyo3::Python;
use std::ptr::null_mut;

type Object = *mut ffi::PyObject;

pub struct Originals {
    pub of_lock: lock_methods::Originals,
    pub of_rlock: lock_methods::Originals,
    pub lock_release: Gil<TwoArguments>,
    pub lock_locked: Gil<TwoArguments>,
    pub rlock_locked: Gil<TwoArguments>,
    pub lock_new: Gil<WithKeywords>,
    pub allocate: Gil<TwoArguments>,
    pub set_sentinel: Gil<TwoArguments>,
    pub rlock_release: Gil<TwoArguments>,
    pub rlock_owned: Gil<TwoArguments>,
    pub rlock_release_save: Gil<TwoArguments>,
    pub rlock_acquire_restore: Gil<TwoArguments>,
    pub rlock_new: Gil<WithKeywords>,
    /// The arguments `(False,)`.
    pub not_blocking: Gil<Object>,
    pub rlock_type: Gil<Object>,
}

pub unsafe extern "C-unwind" fn unset2(_: Object, _: Object) -> Object {
    null_mut()
}

unsafe extern "C-unwind" fn unset3(_: Object, _: Object, _: Object) -> Object {
    null_mut()
}

pub static ORIGINAL: Originals = Originals {
    of_lock: lock_methods::Originals::unset(),
    of_rlock: lock_methods::Originals::unset(),
    lock_release: Gil::new(unset2),
    lock_locked: Gil::new(unset2),
    rlock_locked: Gil::new(unset2),
    lock_new: Gil::new(unset3),
    allocate: Gil::new(unset2),
    set_sentinel: Gil::new(unset2),
    rlock_release: Gil::new(unset2),
    rlock_owned: Gil::new(unset2),
    rlock_release_save: Gil::new(unset2),
    rlock_acquire_restore: Gil::new(unset2),
    rlock_new: Gil::new(unset3),
    not_blocking: Gil::new(null_mut()),
    rlock_type: Gil::new(null_mut()),
};

/// Whether the lock that is being made is the program's. What the locks of the standard library order
/// is either recorded at the level of what it offers (a queue's put and get), or is incidental.
/// `threading.RLock` and the `__init__` of `threading.Condition` make one for their caller; that
/// caller may be `threading` itself.
pub fn made_by_program(py: Python<'_>) -> bool {
    let caller = frames::caller(py, |file, function| {
        file.ends_with(b"/threading.py")
            && (function == b"RLock" || function == b"Condition.__init__")
    });
    caller.is_some_and(|file| !sites::is_internal_name(py, &file))
}

/// Whether the program's own code makes this call, and not that of a Condition for it.
pub fn called_by_program(py: Python<'_>) -> bool {
    let caller = frames::caller(py, |_, _| false);
    caller.is_some_and(|file| !sites::is_internal_name(py, &file))
}

/// Modules of the standard library that hold locks of their own while code of the program runs or
/// something is written.
const HOLDING: [&[u8]; 1] = [b"/logging/"];

/// Whether the lock that is being used is one under which events are made, and that is in no event
/// itself: a handler's of `logging`.
pub fn holds_over_events(py: Python<'_>) -> bool {
    let caller = frames::caller(py, |_, _| false);
    let holding = |file: &Vec<u8>| {
        HOLDING
            .iter()
            .any(|part| file.windows(part.len()).any(|window| window == *part))
    };
    caller.is_some_and(|file| sites::is_internal_name(py, &file) && holding(&file))
}

/// Whether the lock that is being used is the program's: its code uses it, by itself or as that of a
/// Condition.
pub fn used_by_program(py: Python<'_>) -> bool {
    let caller = frames::caller(py, |file, function| {
        file.ends_with(b"/threading.py") && function.starts_with(b"Condition.__")
    });
    caller.is_some_and(|file| !sites::is_internal_name(py, &file))
}

pub unsafe fn is_rlock(py: Python<'_>, lock: Object) -> bool {
    ffi::Py_TYPE(lock).cast() == ORIGINAL.rlock_type.copied(py)
}
