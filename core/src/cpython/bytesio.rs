//! The C structure behind an `io.BytesIO`, in which a message is received. Each of its methods would
//! take as long as an event.
//!
//! Versions: 3.11 to 3.13, whose structure is the same.
//! Check: `init` holds a sample against what its methods say.
//! Elsewhere: the recording of messages does not begin, with an error that says so.
//! Safe: only what is of that type is looked at, while the GIL is held.

use pyo3::exceptions::PyRuntimeError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;
use std::mem::size_of;

/// `bytesio` of `bytesio.c`, 3.11 to 3.13.
#[repr(C)]
struct BytesIO {
    base: ffi::PyObject,
    bytes: *mut ffi::PyObject,
    position: ffi::Py_ssize_t,
    size: ffi::Py_ssize_t,
    dict: *mut ffi::PyObject,
    weak_references: *mut ffi::PyObject,
    exports: ffi::Py_ssize_t,
}

static KIND: PyOnceLock<Py<PyType>> = PyOnceLock::new();

/// Makes sure that the structure is as expected.
pub fn init(py: Python<'_>) -> PyResult<()> {
    let found = || {
        let kind = py.import("io")?.getattr("BytesIO")?.cast_into::<PyType>()?;
        let sample = kind.call1((&b"sample"[..],))?;
        sample.call_method1("seek", (2,))?;
        let bytes = sample.call_method0("getvalue")?;
        // SAFETY: the structure is looked at only if the object is as large.
        let known = unsafe {
            (*kind.as_type_ptr()).tp_basicsize == size_of::<BytesIO>() as isize && {
                let structure = sample.as_ptr().cast::<BytesIO>();
                (*structure).position == 2
                    && (*structure).size == 6
                    && (*structure).bytes == bytes.as_ptr()
            }
        };
        match known {
            true => Ok(kind.unbind()),
            false => Err(PyRuntimeError::new_err("unknown kind of io.BytesIO")),
        }
    };
    KIND.get_or_try_init(py, found).map(|_| ())
}

fn structure(message: &Bound<'_, PyAny>) -> Option<*mut BytesIO> {
    let kind = KIND.get(message.py())?.as_ptr().cast();
    // SAFETY: both are live, and `py` says that the GIL is held.
    let is_one = unsafe { ffi::PyObject_TypeCheck(message.as_ptr(), kind) } != 0;
    let structure = message.as_ptr().cast::<BytesIO>();
    // SAFETY: it is one, whose structure `init` has seen. A closed one has no bytes.
    (is_one && unsafe { !(*structure).bytes.is_null() }).then_some(structure)
}

/// What it has; empty if it is something else, or closed. It is not to be changed while that is in use.
pub fn contents<'a>(message: &'a Bound<'_, PyAny>) -> &'a [u8] {
    let Some(structure) = structure(message) else {
        return &[];
    };
    // SAFETY: `structure` gives one with bytes, of which `size` are in use.
    unsafe {
        let start = ffi::PyBytes_AS_STRING((*structure).bytes).cast::<u8>();
        std::slice::from_raw_parts(start, (*structure).size as usize)
    }
}

/// As `seek(length)` and `truncate()`, for one that is longer.
pub fn cut(message: &Bound<'_, PyAny>, length: usize) {
    if let Some(structure) = structure(message) {
        // SAFETY: as in `contents`; a smaller size leaves the bytes as they are.
        unsafe {
            (*structure).position = length as ffi::Py_ssize_t;
            (*structure).size = length as ffi::Py_ssize_t;
        }
    }
}
