//! Randomness from the system is the same in every run: `os.urandom`, `os.getrandom`, and the seeds of
//! generators that were given none.

use super::slots;
use super::strategies::splitmix;
use crate::cpython::methods::{replace, Fast, FastWithKeywords, TwoArguments};
use crate::gil::Gil;
use pyo3::ffi;
use pyo3::Python;
use std::ptr::null_mut;

type Object = *mut ffi::PyObject;

static URANDOM: Gil<Option<TwoArguments>> = Gil::new(None);
static GETRANDOM: Gil<Option<FastWithKeywords>> = Gil::new(None);
static SEED: Gil<Option<Fast>> = Gil::new(None);

unsafe fn draw() -> u64 {
    splitmix(&mut slots::page().entropy)
}

unsafe extern "C-unwind" fn urandom(module: Object, size: Object) -> Object {
    let py = Python::assume_attached();
    let Some(original) = URANDOM.copied(py) else {
        return null_mut();
    };
    drawn(original(module, size))
}

unsafe extern "C-unwind" fn getrandom(
    module: Object,
    arguments: *const Object,
    given: ffi::Py_ssize_t,
    names: Object,
) -> Object {
    let py = Python::assume_attached();
    match GETRANDOM.copied(py) {
        Some(original) => drawn(original(module, arguments, given, names)),
        None => null_mut(),
    }
}

/// The bytes, which nobody else has yet, with others in them under control.
unsafe fn drawn(bytes: Object) -> Object {
    if !bytes.is_null() && slots::mine() {
        let data = ffi::PyBytes_AsString(bytes).cast::<u8>();
        for at in 0..ffi::PyBytes_Size(bytes) as usize {
            *data.add(at) = draw() as u8;
        }
    }
    bytes
}

/// `Random.seed` without an argument, or with None, takes one from the system.
unsafe extern "C-unwind" fn seed(
    generator: Object,
    arguments: *const Object,
    given: ffi::Py_ssize_t,
) -> Object {
    let py = Python::assume_attached();
    let Some(original) = SEED.copied(py) else {
        return null_mut();
    };
    let none = given == 0 || given == 1 && *arguments == ffi::Py_None();
    if !none || !slots::mine() {
        return original(generator, arguments, given);
    }
    let number = ffi::PyLong_FromUnsignedLongLong(draw());
    if number.is_null() {
        return number;
    }
    let done = original(generator, &raw const number, 1);
    ffi::Py_DECREF(number);
    done
}

/// Puts the functions in the place of CPython's; a second call does nothing.
pub fn install(py: Python<'_>) {
    if SEED.copied(py).is_some() {
        return;
    }
    // SAFETY: the GIL is held; what is put in has the form of what it replaces.
    unsafe {
        let posix = ffi::PyImport_ImportModule(c"posix".as_ptr());
        replace(
            py,
            posix,
            c"urandom",
            ffi::METH_O,
            &URANDOM,
            urandom as TwoArguments,
        );
        let keywords = ffi::METH_FASTCALL | ffi::METH_KEYWORDS;
        let with = getrandom as FastWithKeywords;
        replace(py, posix, c"getrandom", keywords, &GETRANDOM, with);
        let module = ffi::PyImport_ImportModule(c"_random".as_ptr());
        if !module.is_null() {
            let class = ffi::PyObject_GetAttrString(module, c"Random".as_ptr());
            replace(py, class, c"seed", ffi::METH_FASTCALL, &SEED, seed as Fast);
        }
        ffi::PyErr_Clear();
        reseed();
    }
}

/// The module's own generator, if it has been made already.
unsafe fn reseed() {
    let module = ffi::PyDict_GetItemString(ffi::PyImport_GetModuleDict(), c"random".as_ptr());
    if !module.is_null() {
        let seeded = ffi::PyObject_CallMethod(module, c"seed".as_ptr(), std::ptr::null());
        ffi::Py_XDECREF(seeded);
        ffi::PyErr_Clear();
    }
}
