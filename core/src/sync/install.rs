//! Puts the functions of `methods` in the place of CPython's, once.

use super::original::{unset2, ORIGINAL};
use super::{known, methods, sleep};
use crate::cpython::methods::{exchange, exchange_new, find, function, TwoArguments, WithKeywords};
use crate::cpython::{deaths, lock_methods, locks};
use crate::gil::Gil;
use pyo3::ffi;
use pyo3::Python;
use std::ffi::CStr;
use std::ptr::null_mut;

type Object = *mut ffi::PyObject;

/// Replaces the functions; a second call does nothing.
pub fn install(py: Python<'_>) {
    if !ORIGINAL.not_blocking.copied(py).is_null() {
        return;
    }
    // SAFETY: the GIL is held; what is put in has the form of what it replaces.
    unsafe {
        ORIGINAL
            .not_blocking
            .set(py, ffi::PyTuple_Pack(1, ffi::Py_False()));
        deaths::listen(py, known::retire);
        sleep::install(py);
        let module = ffi::PyImport_ImportModule(c"_thread".as_ptr());
        let lock = ffi::PyObject_GetAttrString(module, c"LockType".as_ptr());
        let rlock = ffi::PyObject_GetAttrString(module, c"RLock".as_ptr());
        ORIGINAL.rlock_type.set(py, rlock);
        use methods as m;
        replace2(
            py,
            lock,
            &[c"locked", c"locked_lock"],
            &ORIGINAL.lock_locked,
            m::lock_locked,
        );
        // Not all versions have it.
        replace2(
            py,
            rlock,
            &[c"locked"],
            &ORIGINAL.rlock_locked,
            m::rlock_locked,
        );
        ORIGINAL.rlock_owned.set(py, function2(rlock, c"_is_owned"));
        replace2(
            py,
            lock,
            &[c"release", c"release_lock"],
            &ORIGINAL.lock_release,
            m::lock_release,
        );
        replace2(
            py,
            rlock,
            &[c"release"],
            &ORIGINAL.rlock_release,
            m::rlock_release,
        );
        replace2(
            py,
            rlock,
            &[c"_release_save"],
            &ORIGINAL.rlock_release_save,
            m::rlock_release_save,
        );
        replace2(
            py,
            rlock,
            &[c"_acquire_restore"],
            &ORIGINAL.rlock_acquire_restore,
            m::rlock_acquire_restore,
        );
        lock_methods::install::<m::StandIns<false>>(py, lock);
        lock_methods::install::<m::StandIns<true>>(py, rlock);
        replace_new(py, lock, &ORIGINAL.lock_new, m::lock_new);
        replace_new(py, rlock, &ORIGINAL.rlock_new, m::rlock_new);
        if let Some(method) = find(module, c"allocate_lock") {
            ORIGINAL
                .allocate
                .set(py, exchange::<TwoArguments>(method, m::allocate));
            learn_layout(py, module);
        }
        if let Some(method) = find(module, c"_set_sentinel") {
            ORIGINAL
                .set_sentinel
                .set(py, exchange::<TwoArguments>(method, m::set_sentinel));
        }
        // Imported types and functions are kept alive: they point into this library from now on.
        ffi::Py_DECREF(module);
        ffi::PyErr_Clear();
    }
}

/// Lets `locks` see one that is free, held and free again.
unsafe fn learn_layout(py: Python<'_>, module: Object) {
    let lock = (ORIGINAL.allocate.copied(py))(module, null_mut());
    if lock.is_null() {
        return ffi::PyErr_Clear();
    }
    let arguments = ORIGINAL.not_blocking.copied(py);
    locks::init(
        py,
        lock,
        |lock| (ORIGINAL.of_lock.acquire.copied(py))(lock, arguments, null_mut()),
        |lock| (ORIGINAL.lock_release.copied(py))(lock, null_mut()),
    );
    ffi::Py_DECREF(lock);
}

unsafe fn function2(kind: Object, name: &CStr) -> TwoArguments {
    find(kind, name).map_or(unset2, |method| function(method))
}

unsafe fn replace2(
    py: Python<'_>,
    kind: Object,
    names: &[&CStr],
    original: &Gil<TwoArguments>,
    with: TwoArguments,
) {
    for method in names.iter().filter_map(|name| find(kind, name)) {
        if (*method).ml_flags & ffi::METH_KEYWORDS == 0 {
            original.set(py, exchange(method, with));
        }
    }
}

unsafe fn replace_new(
    py: Python<'_>,
    kind: Object,
    original: &Gil<WithKeywords>,
    with: WithKeywords,
) {
    if let Some(found) = exchange_new(kind, with) {
        original.set(py, found);
    }
}
