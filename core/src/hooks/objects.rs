//! Objects as hooks hand them about.

use super::hook::Object;
use crate::cpython::profiles;
use crate::gil::Gil;
use pyo3::ffi;
use pyo3::Python;
use std::ptr::null_mut;

pub fn truth_value(_: Python<'_>, value: bool) -> Object {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        if value {
            ffi::Py_True()
        } else {
            ffi::Py_False()
        }
    }
}

/// What says which function is meant by one that is called; a new reference.
type Meant = unsafe fn(Python<'_>, Object) -> Object;

static MEANT: Gil<Option<Meant>> = Gil::new(None);

/// Has profile functions told of the functions that are meant.
pub fn mean(py: Python<'_>, meant: Meant) {
    MEANT.set(py, Some(meant));
}

/// Calls the first argument with the others.
pub unsafe fn forward(
    py: Python<'_>,
    args: *const Object,
    count: isize,
    keywords: Object,
) -> Object {
    // The place before the others holds the function, which the callee may use meanwhile.
    let given = (count - 1) as usize | ffi::PY_VECTORCALL_ARGUMENTS_OFFSET;
    let call = || ffi::PyObject_Vectorcall(*args, args.add(1), given, keywords);
    let Some(meant) = MEANT.copied(py).filter(|_| profiles::watched(py)) else {
        return call();
    };
    let first = match count > 1 {
        true => *args.add(1),
        false => null_mut(),
    };
    let function = meant(py, *args);
    let result = profiles::told(py, function, first, call);
    ffi::Py_DECREF(function);
    result
}
