//! How processes end by themselves under control.

use super::points::point;
use super::processes;
use super::slots::controlled;
use crate::cpython::methods::{replace, FastWithKeywords};
use crate::gil::Gil;
use crate::ops;
use pyo3::ffi;

static EXIT: Gil<Option<FastWithKeywords>> = Gil::new(None);

/// `os._exit`: a scheduling point before it, for it ends all threads where they are.
unsafe extern "C-unwind" fn exit(
    module: *mut ffi::PyObject,
    arguments: *const *mut ffi::PyObject,
    given: ffi::Py_ssize_t,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    if controlled() {
        point(ops::END, 0, 0);
        if given > 0 && ffi::PyLong_Check(*arguments) != 0 {
            processes::leave();
        }
    }
    match *EXIT.get() {
        Some(original) => original(module, arguments, given, names),
        None => std::ptr::null_mut(),
    }
}

/// Puts the function in the place of CPython's; a second call does nothing.
///
/// # Safety
/// The GIL is held.
pub unsafe fn install() {
    if (*EXIT.get()).is_some() {
        return;
    }
    let posix = ffi::PyImport_ImportModule(c"posix".as_ptr());
    let form = ffi::METH_FASTCALL | ffi::METH_KEYWORDS;
    replace(posix, c"_exit", form, &EXIT, exit as FastWithKeywords);
    ffi::PyErr_Clear();
}

/// The process ends in the way that all do, with `exit`: after the interpreter has.
extern "C" fn exiting() {
    unsafe { processes::leave() };
}

pub fn notice_exit() {
    unsafe { libc::atexit(exiting) };
}
