//! The warning of newer CPythons that a process with threads forks has the pid in its text.

use super::pids;
use crate::cpython::slots::{self, Init};
use crate::gil::Gil;
use crate::text::utf8;
use pyo3::ffi;
use pyo3::Python;
use std::ffi::c_int;

type Object = *mut ffi::PyObject;

static INITIALIZE: Gil<Option<Init>> = Gil::new(None);

/// The text with the pid that the program knows; none if it is no such warning.
unsafe fn known_text(arguments: Object) -> Option<String> {
    if pids::own() == std::process::id() || ffi::PyTuple_GET_SIZE(arguments) != 1 {
        return None;
    }
    let text = ffi::PyTuple_GET_ITEM(arguments, 0);
    if ffi::PyUnicode_CheckExact(text) == 0 {
        return None;
    }
    let text = std::str::from_utf8(utf8(text)?).ok()?;
    let real = format!("This process (pid={}) ", std::process::id());
    let rest = text.strip_prefix(&real)?;
    Some(format!("This process (pid={}) {rest}", pids::own()))
}

unsafe extern "C" fn initialize(warning: Object, arguments: Object, keywords: Object) -> c_int {
    let py = Python::assume_attached();
    let Some(original) = INITIALIZE.copied(py) else {
        return -1;
    };
    let Some(known) = known_text(arguments) else {
        return original(warning, arguments, keywords);
    };
    let text = ffi::PyUnicode_FromStringAndSize(known.as_ptr().cast(), known.len() as isize);
    if text.is_null() {
        return -1;
    }
    let arguments = ffi::PyTuple_Pack(1, text);
    ffi::Py_DECREF(text);
    if arguments.is_null() {
        return -1;
    }
    let result = original(warning, arguments, keywords);
    ffi::Py_DECREF(arguments);
    result
}

/// Puts the known pid into the warnings from now on; a second call does nothing.
pub fn install(py: Python<'_>) {
    // SAFETY: the GIL is held; what is put in has the form of what it replaces.
    unsafe {
        if INITIALIZE.copied(py).is_none() {
            let kind = ffi::PyExc_DeprecationWarning.cast::<ffi::PyTypeObject>();
            INITIALIZE.set(py, slots::replace_init(kind, initialize));
        }
    }
}
