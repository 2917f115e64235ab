//! What bound methods are made of.
//!
//! Versions: 3.11 and newer. The functions for a bound method of Python code are public. The structure
//! behind a bound slot (`(1).__add__`), `wrapperobject` of `descrobject.c`, is not.
//! Check: `init` looks at it in one.
//! Elsewhere: no callable passes for a bound slot.
//! Safe: only what is of the type that was looked at is read.

use crate::gil::Gil;
use pyo3::ffi;
use pyo3::Python;
use std::mem::size_of;
use std::ptr::null_mut;

type Object = *mut ffi::PyObject;

extern "C" {
    static mut PyMethod_Type: ffi::PyTypeObject;
    fn PyMethod_Function(method: Object) -> Object;
    fn PyMethod_Self(method: Object) -> Object;
}

#[repr(C)]
struct MethodWrapper {
    base: ffi::PyObject,
    descriptor: Object,
    object: Object,
}

/// The type of `(1).__add__`, which not every version exports; null where it is not known.
static METHOD_WRAPPER: Gil<*mut ffi::PyTypeObject> = Gil::new(null_mut());

/// Learns the type of bound slots; false, with an exception set, if that fails.
pub fn init(py: Python<'_>) -> bool {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        let number = ffi::PyLong_FromLong(1);
        let method = ffi::PyObject_GetAttrString(number, c"__add__".as_ptr());
        if method.is_null() {
            ffi::Py_XDECREF(number);
            return false;
        }
        let kind = ffi::Py_TYPE(method);
        let known = (*kind).tp_basicsize == size_of::<MethodWrapper>() as isize && {
            // SAFETY: the object is as large as the structure.
            let wrapper = &*method.cast::<MethodWrapper>();
            wrapper.object == number
        };
        if known {
            METHOD_WRAPPER.set(py, kind);
        }
        ffi::Py_DECREF(method);
        ffi::Py_XDECREF(number);
        true
    }
}

/// The function and the object of a bound method of Python code (borrowed); None of anything else.
///
/// # Safety
/// The GIL is held; `callable` is live.
#[inline]
pub unsafe fn bound(callable: Object) -> Option<(Object, Object)> {
    // SAFETY: the type is the one that the functions are for.
    (ffi::Py_TYPE(callable) == &raw mut PyMethod_Type)
        .then(|| (PyMethod_Function(callable), PyMethod_Self(callable)))
}

/// The descriptor and the object of a bound slot (borrowed); None of anything else.
///
/// # Safety
/// `callable` is live.
#[inline]
pub unsafe fn bound_slot(py: Python<'_>, callable: Object) -> Option<(Object, Object)> {
    (ffi::Py_TYPE(callable) == METHOD_WRAPPER.copied(py)).then(|| {
        // SAFETY: the type is the one whose structure was seen to be this.
        let wrapper = &*callable.cast::<MethodWrapper>();
        (wrapper.descriptor, wrapper.object)
    })
}
