//! `with lock:`. CPython's `__enter__` and `__exit__` take their arguments in a tuple, which is made
//! and thrown away for every call. Ours are methods of the same names and texts that take them as
//! they are, which saves as much time as it takes to record both.

use super::methods;
use crate::cpython::methods::{reform, Fast, FastWithKeywords, WithKeywords};
use crate::gil::Gil;
use pyo3::ffi;
use std::ptr::null_mut;

type Object = *mut ffi::PyObject;

/// Puts the methods into the types of Lock and RLock, where these have what is expected.
///
/// # Safety
/// The GIL is held.
pub unsafe fn install(lock: Object, rlock: Object) {
    *NOTHING.get() = ffi::PyTuple_New(0);
    replace_enter(lock, enter::<false>);
    replace_enter(rlock, enter::<true>);
    replace_exit(lock, exit::<false>);
    replace_exit(rlock, exit::<true>);
}

/// The empty tuple.
static NOTHING: Gil<Object> = Gil::new(null_mut());

unsafe fn replace_enter(kind: Object, function: FastWithKeywords) {
    let expected = ffi::METH_VARARGS | ffi::METH_KEYWORDS;
    let form = ffi::METH_FASTCALL | ffi::METH_KEYWORDS;
    reform(kind, c"__enter__", expected, function, form);
}

unsafe fn replace_exit(kind: Object, function: Fast) {
    let (expected, form) = (ffi::METH_VARARGS, ffi::METH_FASTCALL);
    reform(kind, c"__exit__", expected, function, form);
}

unsafe extern "C-unwind" fn enter<const RLOCK: bool>(
    lock: Object,
    args: *const Object,
    count: isize,
    names: Object,
) -> Object {
    let acquire = match RLOCK {
        true => methods::rlock_acquire,
        false => methods::lock_acquire,
    };
    if count == 0 && names.is_null() {
        return acquire(lock, *NOTHING.get(), null_mut());
    }
    packed(acquire, lock, args, count, names)
}

unsafe extern "C-unwind" fn exit<const RLOCK: bool>(
    lock: Object,
    _: *const Object,
    _: isize,
) -> Object {
    match RLOCK {
        true => methods::rlock_exit(lock, null_mut()),
        false => methods::lock_exit(lock, null_mut()),
    }
}

/// Calls a function that takes a tuple and a dict.
#[cold]
unsafe fn packed(
    function: WithKeywords,
    lock: Object,
    args: *const Object,
    count: isize,
    names: Object,
) -> Object {
    let positional = ffi::PyTuple_New(count);
    let named = ffi::PyDict_New();
    let mut result = null_mut();
    if !positional.is_null() && !named.is_null() {
        for place in 0..count {
            ffi::PyTuple_SetItem(positional, place, ffi::Py_NewRef(*args.offset(place)));
        }
        let names_count = if names.is_null() {
            0
        } else {
            ffi::PyTuple_Size(names)
        };
        for place in 0..names_count {
            let name = ffi::PyTuple_GetItem(names, place);
            ffi::PyDict_SetItem(named, name, *args.offset(count + place));
        }
        result = function(lock, positional, named);
    }
    ffi::Py_XDECREF(positional);
    ffi::Py_XDECREF(named);
    result
}
