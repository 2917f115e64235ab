//! What goes through a container in one step of C, so that nobody can come between: such a snapshot
//! is a read of the contents, and no iteration.

use super::hook::Object;
use super::kinds::{family, Family};
use pyo3::ffi;
use pyo3::Python;
use std::ffi::CStr;
use std::ptr::null_mut;

/// More items than this are not looked at.
const MOST: isize = 100_000;

/// Builtins that compare or add up what they go through, but run nothing else.
const COMPUTING: &[&CStr] = &[c"sorted", c"sum", c"min", c"max", c"any", c"all", c"join"];

/// Whether hashing, comparing or adding it runs nothing of the program's.
unsafe fn is_plain(value: Object) -> bool {
    let kind = ffi::Py_TYPE(value);
    value == ffi::Py_None()
        || kind == &raw mut ffi::PyLong_Type
        || kind == &raw mut ffi::PyUnicode_Type
        || kind == &raw mut ffi::PyFloat_Type
        || kind == &raw mut ffi::PyBool_Type
        || kind == &raw mut ffi::PyBytes_Type
}

/// Whether all that a walk through the container meets is plain.
unsafe fn holds_plain(py: Python<'_>, container: Object) -> bool {
    if ffi::PyList_CheckExact(container) != 0 {
        let size = ffi::PyList_Size(container);
        return size <= MOST && (0..size).all(|i| is_plain(ffi::PyList_GetItem(container, i)));
    }
    if ffi::PyDict_CheckExact(container) != 0 && ffi::PyDict_Size(container) <= MOST {
        let (mut at, mut key) = (0, null_mut());
        while ffi::PyDict_Next(container, &mut at, &mut key, null_mut()) != 0 {
            if !is_plain(key) {
                return false;
            }
        }
        return true;
    }
    matches!(
        family(py, container),
        Some(Family::Bytearray | Family::Array)
    )
}

/// Whether the function goes through the container in one step. `only`: it is given nothing else, such
/// as a key function.
pub unsafe fn in_one(py: Python<'_>, function: Object, container: Object, only: bool) -> bool {
    let is = |kind: *mut ffi::PyTypeObject| function == kind.cast();
    if is(&raw mut ffi::PyList_Type) || is(&raw mut ffi::PyTuple_Type) {
        return true;
    }
    if is(&raw mut ffi::PyDict_Type) {
        return ffi::PyDict_CheckExact(container) != 0;
    }
    if is(&raw mut ffi::PySet_Type) || is(&raw mut ffi::PyFrozenSet_Type) {
        // Those of a set or dict have been hashed.
        let hashed =
            ffi::PyDict_CheckExact(container) != 0 || ffi::PyAnySet_CheckExact(container) != 0;
        return hashed || holds_plain(py, container);
    }
    if ffi::Py_TYPE(function) != &raw mut ffi::PyCFunction_Type {
        return false;
    }
    let name = CStr::from_ptr((*(*function.cast::<ffi::PyCFunctionObject>()).m_ml).ml_name);
    only && COMPUTING.contains(&name) && holds_plain(py, container)
}
