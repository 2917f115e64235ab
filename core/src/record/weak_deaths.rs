//! Deaths of objects whose type `deaths` does not watch, noticed by weak references.

use crate::cpython::{deaths, types::supports_weakrefs};
use crate::gil::{Gil, GilMut};
use crate::reserve::Table;
use pyo3::ffi;
use pyo3::Python;
use rustc_hash::FxHashMap;
use std::ptr::null_mut;

/// The references, and the addresses of what they refer to.
static REFERENCES: Gil<Option<FxHashMap<usize, usize>>> = Gil::new(None);

fn references(py: Python<'_>) -> GilMut<'_, FxHashMap<usize, usize>> {
    REFERENCES.get_or_insert_with(py, FxHashMap::default)
}

/// Gives all references back: a new recording watches afresh.
pub fn reset(py: Python<'_>) {
    let old = std::mem::take(&mut *references(py));
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        for reference in old.into_keys() {
            ffi::Py_DECREF(reference as *mut ffi::PyObject);
        }
    }
}

/// Has the object's death noticed; false if it allows no weak references.
///
/// # Safety
/// The object is live.
pub unsafe fn watch(py: Python<'_>, object: *mut ffi::PyObject) -> bool {
    static CALLBACK: Gil<ffi::PyMethodDef> = Gil::new(ffi::PyMethodDef {
        ml_name: c"retire".as_ptr(),
        ml_meth: ffi::PyMethodDefPointer {
            PyCFunction: weakly_dead,
        },
        ml_flags: ffi::METH_O,
        ml_doc: std::ptr::null(),
    });
    if !supports_weakrefs(ffi::Py_TYPE(object)) {
        return false;
    }
    let callback = ffi::PyCFunction_NewEx(&mut *CALLBACK.get(py), null_mut(), null_mut());
    if callback.is_null() {
        ffi::PyErr_Clear();
        return false;
    }
    let reference = ffi::PyWeakref_NewRef(object, callback);
    ffi::Py_DECREF(callback);
    if reference.is_null() {
        ffi::PyErr_Clear();
        return false;
    }
    references(py).spare();
    references(py).insert(reference as usize, object as usize);
    true
}

unsafe extern "C" fn weakly_dead(
    _: *mut ffi::PyObject,
    reference: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    let py = Python::assume_attached();
    let dead = references(py).remove(&(reference as usize));
    if let Some(address) = dead {
        deaths::tell(py, address);
        // The caller still holds the reference that it passes.
        ffi::Py_DECREF(reference);
    }
    ffi::Py_INCREF(ffi::Py_None());
    ffi::Py_None()
}
