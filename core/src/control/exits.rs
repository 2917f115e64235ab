//! How processes end by themselves under control.

use super::points::point;
use super::processes;
use super::slots::controlled;
use crate::cpython::methods::{replace, FastWithKeywords};
use crate::gil::Gil;
use crate::ops;
use pyo3::ffi;
use pyo3::Python;

static EXIT: Gil<Option<FastWithKeywords>> = Gil::new(None);

/// `os._exit`: a scheduling point before it, for it ends all threads where they are.
unsafe extern "C-unwind" fn exit(
    module: *mut ffi::PyObject,
    arguments: *const *mut ffi::PyObject,
    given: ffi::Py_ssize_t,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    let py = Python::assume_attached();
    if controlled() {
        point(py, ops::END, 0, 0);
        if given > 0 && ffi::PyLong_Check(*arguments) != 0 {
            processes::leave(py);
        }
    }
    match EXIT.copied(py) {
        Some(original) => original(module, arguments, given, names),
        None => std::ptr::null_mut(),
    }
}

/// Puts the function in the place of CPython's; a second call does nothing.
pub fn install(py: Python<'_>) {
    if EXIT.copied(py).is_some() {
        return;
    }
    // SAFETY: the GIL is held; what is put in has the form of what it replaces.
    unsafe {
        let posix = ffi::PyImport_ImportModule(c"posix".as_ptr());
        let form = ffi::METH_FASTCALL | ffi::METH_KEYWORDS;
        replace(py, posix, c"_exit", form, &EXIT, exit as FastWithKeywords);
        ffi::PyErr_Clear();
    }
}

/// The process ends in the way that all do, with `exit`: after the interpreter has.
extern "C" fn exiting() {
    // SAFETY: the interpreter has ended, so that nobody else uses what is kept under the GIL.
    let py = unsafe { Python::assume_attached() };
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe { processes::leave(py) };
}

pub fn notice_exit() {
    // SAFETY: the function lives as long as the process.
    unsafe { libc::atexit(exiting) };
}
