//! The names of objects: the variable or attribute that an object is first assigned to.

use super::containers;
use super::hook::{Hook, Object};
use super::{modules, none, thread_local};
use crate::record::session::Gil;
use crate::record::{identity, recording};
use pyo3::ffi;
use std::ffi::CStr;
use std::ptr::null_mut;

static THREAD: Gil<*mut ffi::PyTypeObject> = Gil::new(null_mut());

/// Looks up `threading.Thread`, whose instances have names of their own. False with an exception
/// set on failure.
///
/// # Safety
/// The GIL is held.
pub unsafe fn init() -> bool {
    let module = ffi::PyImport_ImportModule(c"threading".as_ptr());
    if module.is_null() {
        return false;
    }
    *THREAD.get() = ffi::PyObject_GetAttrString(module, c"Thread".as_ptr()).cast();
    ffi::Py_DECREF(module);
    !(*THREAD.get()).is_null()
}

unsafe fn has_own_name(object: Object) -> bool {
    ffi::PyType_IsSubtype(ffi::Py_TYPE(object), *THREAD.get()) != 0
        || ffi::PyType_Check(object) != 0
}

/// The object's number if it is one that is worth a name and has none; else 0.
#[inline]
unsafe fn unnamed(object: Object, numbers: bool) -> u32 {
    let number = match identity::known(object) {
        0 if numbers => identity::object_id(object),
        number => number,
    };
    if number == 0 || identity::labelled(number) || has_own_name(object) {
        return 0;
    }
    number
}

/// An attribute was assigned: its value is named `Class.attribute`.
#[inline]
pub unsafe fn attribute(object: Object, name: Object, value: Object) {
    let number = unnamed(value, containers::family(value).is_some());
    if number == 0 {
        return;
    }
    let kind = CStr::from_ptr((*ffi::Py_TYPE(object)).tp_name).to_string_lossy();
    let kind = kind.rsplit('.').next().unwrap_or_default();
    if let Some(name) = modules::text(name) {
        identity::label(number, &format!("{kind}.{name}"));
    }
}

/// The number of a class, which is named after itself.
pub unsafe fn class(kind: Object) -> u32 {
    let number = identity::object_id(kind);
    if number != 0 && !identity::labelled(number) {
        let name = CStr::from_ptr((*kind.cast::<ffi::PyTypeObject>()).tp_name);
        identity::label(number, &name.to_string_lossy());
    }
    number
}

unsafe fn assigned(hook: *mut Hook, object: Object, numbers: bool) -> Object {
    if recording() {
        let instance = ffi::PyType_HasFeature(ffi::Py_TYPE(object), ffi::Py_TPFLAGS_HEAPTYPE) != 0;
        let worth = instance && !thread_local(ffi::Py_TYPE(object));
        let worth = worth || containers::family(object).is_some();
        let number = unnamed(object, numbers && worth);
        if number != 0 {
            if let Some(name) = modules::text((*hook).name) {
                identity::label(number, name);
            }
        }
    }
    none()
}

/// `hook[value]`: the value was assigned to a variable of the hook's name.
pub unsafe fn label(hook: *mut Hook, object: Object) -> Object {
    assigned(hook, object, false)
}

/// The same of a variable that threads share: the value gets a number if it has none.
pub unsafe fn label_shared(hook: *mut Hook, object: Object) -> Object {
    assigned(hook, object, true)
}
