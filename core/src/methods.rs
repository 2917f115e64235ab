//! The functions of CPython's modules, and the methods of its types, that are replaced by ours.

use crate::record::session::Gil;
use pyo3::ffi;
use std::ffi::CStr;

type Object = *mut ffi::PyObject;

/// The definition of a function of a module, or a method of a type, that has this form.
///
/// # Safety
/// The GIL is held.
pub unsafe fn definition(owner: Object, name: &CStr, form: i32) -> Option<*mut ffi::PyMethodDef> {
    if owner.is_null() {
        return None;
    }
    // The reference is kept: the function points into this library from now on.
    let found = ffi::PyObject_GetAttrString(owner, name.as_ptr());
    if found.is_null() {
        return None;
    }
    let method = if ffi::PyCFunction_Check(found) != 0 {
        (*found.cast::<ffi::PyCFunctionObject>()).m_ml
    } else if ffi::Py_TYPE(found) == &raw mut ffi::PyMethodDescr_Type {
        (*found.cast::<ffi::PyMethodDescrObject>()).d_method
    } else {
        return None;
    };
    ((*method).ml_flags == form).then_some(method)
}

/// Puts `with` in the place of a function or method of that form, and keeps the original.
///
/// # Safety
/// The GIL is held, and `F` is the type of functions of that form.
pub unsafe fn replace<F: Copy>(
    owner: Object,
    name: &CStr,
    form: i32,
    original: &Gil<Option<F>>,
    with: F,
) {
    if let Some(method) = definition(owner, name, form) {
        *original.get() = Some(std::mem::transmute_copy(&(*method).ml_meth));
        (*method).ml_meth = std::mem::transmute_copy(&with);
    }
}
