//! The functions of CPython's modules, and the methods of its types, that are replaced by ours.

use crate::gil::Gil;
use pyo3::ffi;
use std::ffi::CStr;

type Object = *mut ffi::PyObject;

/// A type's own dict, a new reference. Those of the interpreter's own types are elsewhere since
/// 3.12.
unsafe fn own_dict(kind: *mut ffi::PyTypeObject) -> Object {
    #[cfg(Py_3_12)]
    return ffi::PyType_GetDict(kind);
    #[cfg(not(Py_3_12))]
    {
        ffi::Py_INCREF((*kind).tp_dict);
        (*kind).tp_dict
    }
}

/// The definition behind a function of a module, or a method of a type.
///
/// # Safety
/// The GIL is held.
pub unsafe fn find(owner: Object, name: &CStr) -> Option<*mut ffi::PyMethodDef> {
    if owner.is_null() {
        return None;
    }
    // From the type's own dict, as a class method would come out of it bound.
    let found = if ffi::PyType_Check(owner) != 0 {
        ffi::PyType_Ready(owner.cast()); // that of sockets is not, until it is used
        let dict = own_dict(owner.cast());
        let found = ffi::PyDict_GetItemString(dict, name.as_ptr());
        ffi::Py_XINCREF(found);
        ffi::Py_DECREF(dict);
        found
    } else {
        ffi::PyObject_GetAttrString(owner, name.as_ptr())
    };
    if found.is_null() {
        ffi::PyErr_Clear();
        return None;
    }
    // The reference is kept: the function points into this library from now on.
    let kind = ffi::Py_TYPE(found);
    if ffi::PyCFunction_Check(found) != 0 {
        return Some((*found.cast::<ffi::PyCFunctionObject>()).m_ml);
    }
    if kind == &raw mut ffi::PyMethodDescr_Type || kind == &raw mut ffi::PyClassMethodDescr_Type {
        return Some((*found.cast::<ffi::PyMethodDescrObject>()).d_method);
    }
    None
}

/// The same, if it has this form.
///
/// # Safety
/// The GIL is held.
pub unsafe fn definition(owner: Object, name: &CStr, form: i32) -> Option<*mut ffi::PyMethodDef> {
    find(owner, name).filter(|&method| (*method).ml_flags == form)
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

/// The definition behind an attribute of a module's type that C code computes.
///
/// # Safety
/// The GIL is held.
pub unsafe fn getter(module: Object, kind: &CStr, name: &CStr) -> Option<*mut ffi::PyGetSetDef> {
    if module.is_null() {
        return None;
    }
    let kind = ffi::PyObject_GetAttrString(module, kind.as_ptr());
    if kind.is_null() || ffi::PyType_Check(kind) == 0 {
        ffi::PyErr_Clear();
        return None;
    }
    let dict = own_dict(kind.cast());
    let found = ffi::PyDict_GetItemString(dict, name.as_ptr());
    let is_getter = !found.is_null() && ffi::Py_TYPE(found) == &raw mut ffi::PyGetSetDescr_Type;
    let definition = is_getter.then(|| (*found.cast::<ffi::PyGetSetDescrObject>()).d_getset);
    ffi::Py_DECREF(dict);
    definition
}

/// Has the method of the type's that stands for a slot call `with`, if it calls `original`.
///
/// # Safety
/// The GIL is held; both are functions of the slot's type.
pub unsafe fn rewrap(kind: *mut ffi::PyTypeObject, name: &CStr, original: usize, with: usize) {
    let dict = own_dict(kind);
    let found = ffi::PyDict_GetItemString(dict, name.as_ptr());
    if !found.is_null() && ffi::Py_TYPE(found) == &raw mut ffi::PyWrapperDescr_Type {
        let place = &raw mut (*found.cast::<ffi::PyWrapperDescrObject>()).d_wrapped;
        if *place as usize == original {
            *place = with as *mut std::ffi::c_void;
        }
    }
    ffi::Py_DECREF(dict);
}
