//! `getattr` and its like: attributes whose names the program computes.

use super::attributes;
use super::hook::{Hook, Object};
use super::modules::Met;
use super::objects::forward;
use crate::ops::{DELETE, READ, WRITE};
use crate::record::{gate, recording};
use pyo3::ffi;
use pyo3::Python;
use std::ffi::CStr;
use std::mem::ManuallyDrop;

/// Calls the builtin, and records what it did to the attribute that its arguments name. `met` says
/// what that was, and the value of the access.
unsafe fn call(
    py: Python<'_>,
    this: Object,
    args: *const Object,
    count: usize,
    keywords: Object,
    op: u8,
    met: impl FnOnce(Object) -> (Met, Object),
) -> Object {
    let count = ffi::PyVectorcall_NARGS(count);
    if op == READ && !Hook::reads(this.cast()) {
        return forward(py, args, count, keywords);
    }
    gate::before(py, op, 0, (*this.cast::<Hook>()).id);
    let result = forward(py, args, count, keywords);
    if count < 3 || !recording() {
        return result;
    }
    let (object, name) = (*args.add(1), *args.add(2));
    if ffi::Py_TYPE(name) == &raw mut ffi::PyUnicode_Type {
        // What a hook knows of its attribute is good for one name: a copy starts from nothing.
        let mut named = ManuallyDrop::new(this.cast::<Hook>().read());
        named.rename(name, is_dunder(name));
        if result.is_null() {
            attributes::refused(py, op, &mut *named, object);
        } else {
            let (met, value) = met(result);
            attributes::record(py, op, &mut *named, object, met, value);
        }
    }
    result
}

pub unsafe fn is_dunder(name: Object) -> bool {
    let ends = |text: &CStr| {
        let part = ffi::PyUnicode_FromString(text.as_ptr());
        let size = ffi::PyUnicode_GetLength(name);
        let found = !part.is_null()
            && ffi::PyUnicode_Tailmatch(name, part, 0, size, -1) == 1
            && ffi::PyUnicode_Tailmatch(name, part, 0, size, 1) == 1;
        ffi::Py_XDECREF(part);
        found
    };
    ends(c"__")
}

/// `hook(getattr, object, name[, default])`.
pub unsafe extern "C" fn call_getattr(
    this: Object,
    args: *const Object,
    count: usize,
    keywords: Object,
) -> Object {
    let py = Python::assume_attached();
    let by_default = ffi::PyVectorcall_NARGS(count) == 4;
    call(py, this, args, count, keywords, READ, |result| {
        match by_default && result == *args.add(3) {
            // If the attribute is there, it is no other value either.
            true => (Met::Nothing, result),
            false => (Met::Value(result), result),
        }
    })
}

/// `hook(hasattr, object, name)`: the value read is whether there is one.
pub unsafe extern "C" fn call_hasattr(
    this: Object,
    args: *const Object,
    count: usize,
    keywords: Object,
) -> Object {
    let py = Python::assume_attached();
    call(py, this, args, count, keywords, READ, |result| {
        match result == ffi::Py_True() {
            true => (Met::Something, result),
            false => (Met::Nothing, result),
        }
    })
}

/// `hook(setattr, object, name, value)`.
pub unsafe extern "C" fn call_setattr(
    this: Object,
    args: *const Object,
    count: usize,
    keywords: Object,
) -> Object {
    let py = Python::assume_attached();
    let value = *args.add(3);
    call(py, this, args, count, keywords, WRITE, |_| {
        (Met::Value(value), value)
    })
}

/// `hook(delattr, object, name)`.
pub unsafe extern "C" fn call_delattr(
    this: Object,
    args: *const Object,
    count: usize,
    keywords: Object,
) -> Object {
    let py = Python::assume_attached();
    call(py, this, args, count, keywords, DELETE, |_| {
        (Met::Something, std::ptr::null_mut())
    })
}
