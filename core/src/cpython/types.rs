//! What types tell of their instances, beyond what they tell Python.
//!
//! Versions: 3.11 and newer. The flags of managed dicts and weak references are those of `object.h`.
//! `_PyType_Lookup`, `_PyObject_GetDictPtr`, `_PyObject_GenericGetAttrWithDict` and the version of a type are
//! private.
//! Check: a version without one of the functions does not load this library.
//! Elsewhere: where a version has no such flag, the bit is not set or not looked at; a type without a version
//! is looked at each time.
//! Safe: types are live while they are asked, and nothing is written.

use pyo3::ffi;
use pyo3::Python;
use std::ffi::{c_int, c_ulong, CStr};
use std::ptr::null_mut;

type Object = *mut ffi::PyObject;

extern "C" {
    fn _PyType_Lookup(kind: *mut ffi::PyTypeObject, name: Object) -> Object;
    fn _PyObject_GetDictPtr(object: Object) -> *mut Object;
    fn _PyObject_GenericGetAttrWithDict(
        object: Object,
        name: Object,
        dict: Object,
        suppress: c_int,
    ) -> Object;
}

/// `Py_TPFLAGS_MANAGED_DICT`.
const MANAGED_DICT: c_ulong = 1 << 4;
/// `Py_TPFLAGS_MANAGED_WEAKREF`, of 3.12 and newer.
const MANAGED_WEAKREF: c_ulong = 1 << 3;

/// The version of a type, which changes with the type and its bases; 0 if it has none yet. No two types of a
/// process have had the same.
///
/// # Safety
/// The GIL is held and `kind` is live.
#[inline(always)]
pub unsafe fn version(kind: *mut ffi::PyTypeObject) -> u32 {
    (*kind).tp_version_tag
}

/// A type of a module that has been imported; null if it has not been.
pub fn imported(_: Python<'_>, module: &CStr, name: &CStr) -> *mut ffi::PyTypeObject {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        let text = ffi::PyUnicode_FromString(module.as_ptr());
        let module = ffi::PyImport_GetModule(text);
        ffi::Py_XDECREF(text);
        let mut kind = std::ptr::null_mut();
        if !module.is_null() {
            kind = ffi::PyObject_GetAttrString(module, name.as_ptr());
            ffi::Py_DECREF(module);
        }
        ffi::PyErr_Clear();
        kind.cast()
    }
}

/// What the type or one of its bases has under a name (borrowed); null if there is nothing.
///
/// # Safety
/// The GIL is held; `name` is an interned `str`.
#[inline]
pub unsafe fn lookup(kind: *mut ffi::PyTypeObject, name: Object) -> Object {
    // SAFETY: the caller's; the function neither fails nor runs code of the program.
    _PyType_Lookup(kind, name)
}

/// Whether instances of the type have a `__dict__`.
///
/// # Safety
/// The GIL is held and `kind` is live.
pub unsafe fn has_dict(kind: *mut ffi::PyTypeObject) -> bool {
    (*kind).tp_dictoffset != 0 || (*kind).tp_flags & MANAGED_DICT != 0
}

/// Whether instances of the type may have weak references.
///
/// # Safety
/// The GIL is held and `kind` is live.
pub unsafe fn supports_weakrefs(kind: *mut ffi::PyTypeObject) -> bool {
    // With the flag the offset is negative or 0.
    let managed = cfg!(Py_3_12) && ffi::PyType_HasFeature(kind, MANAGED_WEAKREF) != 0;
    (*kind).tp_weaklistoffset != 0 || managed
}

/// The type of weak references.
pub fn weak_reference() -> *mut ffi::PyTypeObject {
    &raw mut ffi::_PyWeakref_RefType
}

/// Where an instance has its `__dict__`; null if it has none.
///
/// # Safety
/// The GIL is held and `object` is live.
#[inline]
pub unsafe fn dict_place(object: Object) -> *mut Object {
    // SAFETY: the caller's.
    _PyObject_GetDictPtr(object)
}

/// An attribute as `object.__getattribute__` finds it, a new reference; null, with no exception set, if
/// there is none. The instance's `__dict__` is not asked for: once that is made, up to 3.12, each
/// access to an attribute of the object is slower.
///
/// # Safety
/// The GIL is held, both are live, and `name` is an interned `str`.
pub unsafe fn generic_attribute(object: Object, name: Object) -> Object {
    // SAFETY: the caller's; a null dict stands for the object's own.
    let value = _PyObject_GenericGetAttrWithDict(object, name, null_mut(), 1);
    if value.is_null() {
        ffi::PyErr_Clear();
    }
    value
}
