//! The buffers of files, and of `StringIO` and `BytesIO`: what a thread writes into one, or takes out of it, is
//! there before what the next does.

use super::{may_be_shared, program_uses, ASKERS};
use crate::cpython::methods::{find, Fast, TwoArguments};
use crate::gil::Gil;
use pyo3::ffi;
use pyo3::Python;
use std::cell::Cell;
use std::ffi::CStr;
use std::ptr::null_mut;

type Object = *mut ffi::PyObject;

const MOST: usize = 64;

static ORIGINAL: Gil<[Option<ffi::PyMethodDefPointer>; MOST]> = Gil::new([None; MOST]);

thread_local! {
    /// Whether the calling thread is in one of these methods: what that calls in its turn is part of it.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

const BUFFER: &str = "buffer";

/// Calls a method of the file.
unsafe fn using(py: Python<'_>, file: Object, call: impl FnOnce() -> Object) -> Object {
    if ffi::Py_REFCNT(file) < 2 || !may_be_shared(py) || INSIDE.get() {
        return call();
    }
    // In this order: the messages of processes are made in buffers.
    if !ASKERS.asked_by_program(py) || is_standard(file) {
        return call();
    }
    program_uses(py, BUFFER);
    INSIDE.set(true);
    let result = call();
    INSIDE.set(false);
    result
}

/// Whether the file is one of the streams that have events of their own.
unsafe fn is_standard(file: Object) -> bool {
    [c"stdout", c"stderr", c"stdin"].iter().any(|name| {
        let stream = ffi::PySys_GetObject(name.as_ptr());
        if stream.is_null() || stream == file {
            return stream == file;
        }
        let buffer = ffi::PyObject_GetAttrString(stream, c"buffer".as_ptr());
        ffi::PyErr_Clear();
        ffi::Py_XDECREF(buffer);
        buffer == file
    })
}

unsafe extern "C-unwind" fn one<const N: usize>(file: Object, argument: Object) -> Object {
    let py = Python::assume_attached();
    match ORIGINAL.at(py, N) {
        Some(original) => using(py, file, || (original.PyCFunction)(file, argument)),
        None => null_mut(),
    }
}

unsafe extern "C-unwind" fn many<const N: usize>(
    file: Object,
    given: *const Object,
    count: isize,
) -> Object {
    let py = Python::assume_attached();
    match ORIGINAL.at(py, N) {
        Some(original) => {
            let original = std::mem::transmute::<ffi::PyMethodDefPointer, Fast>(original);
            using(py, file, || original(file, given, count))
        }
        None => null_mut(),
    }
}

const ONES: [TwoArguments; MOST] = each!(one: 0 1 2 3 4 5 6 7);
const MANY: [Fast; MOST] = each!(many: 0 1 2 3 4 5 6 7);

const CLASSES: [&CStr; 6] = [
    c"TextIOWrapper",
    c"BufferedWriter",
    c"BufferedReader",
    c"BufferedRandom",
    c"StringIO",
    c"BytesIO",
];
const METHODS: [&CStr; 10] = [
    c"write",
    c"read",
    c"readline",
    c"read1",
    c"readinto",
    c"peek",
    c"seek",
    c"tell",
    c"truncate",
    c"getvalue",
];

/// Replaces the methods.
pub fn install(py: Python<'_>) {
    // SAFETY: the GIL is held; what is put in has the form of what it replaces.
    unsafe {
        let module = ffi::PyImport_ImportModule(c"_io".as_ptr());
        let mut seen: Vec<*mut ffi::PyMethodDef> = Vec::new();
        for class in CLASSES {
            let class = ffi::PyObject_GetAttrString(module, class.as_ptr());
            for name in METHODS {
                let Some(method) = find(class, name) else {
                    continue;
                };
                let place = seen.len();
                if place == MOST || seen.contains(&method) {
                    continue;
                }
                let with = match (*method).ml_flags {
                    ffi::METH_O | ffi::METH_NOARGS => {
                        std::mem::transmute::<TwoArguments, ffi::PyMethodDefPointer>(ONES[place])
                    }
                    ffi::METH_FASTCALL => {
                        std::mem::transmute::<Fast, ffi::PyMethodDefPointer>(MANY[place])
                    }
                    _ => continue,
                };
                seen.push(method);
                ORIGINAL.set_at(py, place, Some((*method).ml_meth));
                (*method).ml_meth = with;
            }
        }
    }
}
