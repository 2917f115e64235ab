//! The functions of CPython's modules, and the methods of its types, that are replaced by ours.
//!
//! Versions: 3.11 and newer. The definitions (`PyMethodDef`) are public; that CPython calls by them each
//! time, and not by a copy that it took, is not.
//! Check: a definition is changed only if it has the expected form (`ml_flags`).
//! Elsewhere: what has another one in some version stays as it is, and is not recorded there.
//! Safe: definitions live for ever, and what is put in has the form that they say.

use crate::gil::Gil;
use pyo3::ffi;
use pyo3::Python;
use std::ffi::CStr;
use std::mem::size_of;

type Object = *mut ffi::PyObject;

/// The forms of functions that CPython calls, with the module or object first: an argument (null where
/// there is none, or a tuple of them);
pub type TwoArguments = unsafe extern "C-unwind" fn(Object, Object) -> Object;
/// a tuple and a dict of arguments;
pub type WithKeywords = unsafe extern "C-unwind" fn(Object, Object, Object) -> Object;
/// arguments in a row and their number;
pub type Fast = unsafe extern "C-unwind" fn(Object, *const Object, isize) -> Object;
/// the same, and the names of the last of them;
pub type FastWithKeywords =
    unsafe extern "C-unwind" fn(Object, *const Object, isize, Object) -> Object;
/// the same, with the class that defines the method behind the object: methods of files from 3.12 on.
pub type WithClass =
    unsafe extern "C-unwind" fn(Object, Object, *const Object, isize, Object) -> Object;

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
/// `F` is the type of functions of that form.
pub unsafe fn replace<F: Copy>(
    py: Python<'_>,
    owner: Object,
    name: &CStr,
    form: i32,
    original: &Gil<Option<F>>,
    with: F,
) {
    if let Some(method) = definition(owner, name, form) {
        original.set(py, Some(exchange(method, with)));
    }
}

/// The C function of a definition.
///
/// # Safety
/// The GIL is held, and `F` is the type of functions of the definition's form.
pub unsafe fn function<F: Copy>(method: *mut ffi::PyMethodDef) -> F {
    const { assert!(size_of::<F>() == size_of::<ffi::PyMethodDefPointer>()) };
    // SAFETY: both are the address of a function, and the form is the caller's to know.
    std::mem::transmute_copy(&(*method).ml_meth)
}

/// Puts `with` in the place of a definition's function, and returns that.
///
/// # Safety
/// As of `function`.
pub unsafe fn exchange<F: Copy>(method: *mut ffi::PyMethodDef, with: F) -> F {
    let original = function(method);
    // SAFETY: as in `function`.
    (*method).ml_meth = std::mem::transmute_copy(&with);
    original
}

/// Puts a method of another form in the place of one of the form `expected`, with its text.
///
/// # Safety
/// The GIL is held; `kind` is a type that is not the interpreter's own, and `F` the type of functions of
/// the new form.
pub unsafe fn reform<F: Copy>(
    kind: Object,
    name: &'static CStr,
    expected: i32,
    with: F,
    form: i32,
) {
    const { assert!(size_of::<F>() == size_of::<ffi::PyMethodDefPointer>()) };
    let Some(old) = definition(kind, name, expected) else {
        return;
    };
    let kind = kind.cast::<ffi::PyTypeObject>();
    // The descriptor keeps the address, and the type the descriptor.
    let new = Box::leak(Box::new(ffi::PyMethodDef {
        ml_name: name.as_ptr(),
        // SAFETY: both are the address of a function, and the form is the caller's to know.
        ml_meth: std::mem::transmute_copy(&with),
        ml_flags: form,
        ml_doc: (*old).ml_doc,
    }));
    let descriptor = ffi::PyDescr_NewMethod(kind, new);
    if !descriptor.is_null() {
        ffi::PyDict_SetItemString((*kind).tp_dict, name.as_ptr(), descriptor);
        ffi::PyType_Modified(kind);
        ffi::Py_DECREF(descriptor);
    }
}

/// Puts `with` in the place of the function that makes the type's instances (`tp_new`), and returns that.
///
/// # Safety
/// The GIL is held, `kind` is a type, and `F` has the arguments of a `newfunc`.
pub unsafe fn exchange_new<F: Copy>(kind: Object, with: F) -> Option<F> {
    const { assert!(size_of::<F>() == size_of::<ffi::newfunc>()) };
    let kind = kind.cast::<ffi::PyTypeObject>();
    let original = (*kind).tp_new?;
    // SAFETY: both are the address of such a function.
    (*kind).tp_new = Some(std::mem::transmute_copy(&with));
    Some(std::mem::transmute_copy(&original))
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
