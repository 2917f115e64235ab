//! Puts the functions of `methods` in the place of CPython's, once.

use super::original::{unset2, ORIGINAL};
use super::{known, methods, sleep};
use crate::cpython::methods::{exchange, exchange_new, find, function, TwoArguments, WithKeywords};
use crate::cpython::{deaths, lock_methods, locks};
use crate::gil::Gil;
use pyo3::ffi;
use std::ffi::CStr;
use std::ptr::null_mut;

type Object = *mut ffi::PyObject;

/// Replaces the functions; a second call does nothing.
///
/// # Safety
/// The GIL is held.
pub unsafe fn install() {
    if !(*ORIGINAL.not_blocking.get()).is_null() {
        return;
    }
    *ORIGINAL.not_blocking.get() = ffi::PyTuple_Pack(1, ffi::Py_False());
    deaths::listen(known::retire);
    sleep::install();
    let module = ffi::PyImport_ImportModule(c"_thread".as_ptr());
    let lock = ffi::PyObject_GetAttrString(module, c"LockType".as_ptr());
    let rlock = ffi::PyObject_GetAttrString(module, c"RLock".as_ptr());
    *ORIGINAL.rlock_type.get() = rlock;
    use methods as m;
    replace2(
        lock,
        &[c"locked", c"locked_lock"],
        &ORIGINAL.lock_locked,
        m::lock_locked,
    );
    // Not all versions have it.
    replace2(rlock, &[c"locked"], &ORIGINAL.rlock_locked, m::rlock_locked);
    *ORIGINAL.rlock_owned.get() = function2(rlock, c"_is_owned");
    replace2(
        lock,
        &[c"release", c"release_lock"],
        &ORIGINAL.lock_release,
        m::lock_release,
    );
    replace2(
        rlock,
        &[c"release"],
        &ORIGINAL.rlock_release,
        m::rlock_release,
    );
    replace2(
        rlock,
        &[c"_release_save"],
        &ORIGINAL.rlock_release_save,
        m::rlock_release_save,
    );
    replace2(
        rlock,
        &[c"_acquire_restore"],
        &ORIGINAL.rlock_acquire_restore,
        m::rlock_acquire_restore,
    );
    lock_methods::install::<m::OfLock>(lock);
    lock_methods::install::<m::OfRLock>(rlock);
    replace_new(lock, &ORIGINAL.lock_new, m::lock_new);
    replace_new(rlock, &ORIGINAL.rlock_new, m::rlock_new);
    if let Some(method) = find(module, c"allocate_lock") {
        *ORIGINAL.allocate.get() = exchange::<TwoArguments>(method, m::allocate);
        learn_layout(module);
    }
    if let Some(method) = find(module, c"_set_sentinel") {
        *ORIGINAL.set_sentinel.get() = exchange::<TwoArguments>(method, m::set_sentinel);
    }
    // Imported types and functions are kept alive: they point into this library from now on.
    ffi::Py_DECREF(module);
    ffi::PyErr_Clear();
}

/// Lets `locks` see one that is free, held and free again.
unsafe fn learn_layout(module: Object) {
    let lock = (*ORIGINAL.allocate.get())(module, null_mut());
    if lock.is_null() {
        return ffi::PyErr_Clear();
    }
    let arguments = *ORIGINAL.not_blocking.get();
    locks::init(
        lock,
        |lock| (*ORIGINAL.of_lock.acquire.get())(lock, arguments, null_mut()),
        |lock| (*ORIGINAL.lock_release.get())(lock, null_mut()),
    );
    ffi::Py_DECREF(lock);
}

unsafe fn function2(kind: Object, name: &CStr) -> TwoArguments {
    find(kind, name).map_or(unset2, |method| function(method))
}

unsafe fn replace2(
    kind: Object,
    names: &[&CStr],
    original: &Gil<TwoArguments>,
    with: TwoArguments,
) {
    for method in names.iter().filter_map(|name| find(kind, name)) {
        if (*method).ml_flags & ffi::METH_KEYWORDS == 0 {
            *original.get() = exchange(method, with);
        }
    }
}

unsafe fn replace_new(kind: Object, original: &Gil<WithKeywords>, with: WithKeywords) {
    if let Some(found) = exchange_new(kind, with) {
        *original.get() = found;
    }
}
