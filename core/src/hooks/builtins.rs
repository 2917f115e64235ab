//! `getattr` and its like: attributes whose names the program computes.

use super::attributes;
use super::hook::{Hook, Object};
use super::items::{forward, truth_value};
use crate::ops::{DELETE, READ, WRITE};
use crate::record::recording;
use pyo3::ffi;
use std::ffi::CStr;
use std::mem::ManuallyDrop;

/// Calls the builtin, and records what it did to the attribute that its arguments name.
unsafe fn call(
    this: Object,
    args: *const Object,
    count: usize,
    keywords: Object,
    op: u8,
    value: impl FnOnce(Object) -> Object,
) -> Object {
    let count = ffi::PyVectorcall_NARGS(count);
    let result = forward(args, count, keywords);
    if result.is_null() || count < 3 || !recording() {
        return result;
    }
    let (object, name) = (*args.add(1), *args.add(2));
    if ffi::Py_TYPE(name) == &raw mut ffi::PyUnicode_Type {
        // What a hook knows of its attribute is good for one name: a copy starts from nothing.
        let mut named = ManuallyDrop::new(this.cast::<Hook>().read());
        named.rename(name, is_dunder(name));
        attributes::record(op, &mut *named, object, value(result));
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
    call(this, args, count, keywords, READ, |result| result)
}

/// `hook(hasattr, object, name)`: the value read is whether there is one.
pub unsafe extern "C" fn call_hasattr(
    this: Object,
    args: *const Object,
    count: usize,
    keywords: Object,
) -> Object {
    let found = |result| truth_value(result == ffi::Py_True());
    call(this, args, count, keywords, READ, found)
}

/// `hook(setattr, object, name, value)`.
pub unsafe extern "C" fn call_setattr(
    this: Object,
    args: *const Object,
    count: usize,
    keywords: Object,
) -> Object {
    call(this, args, count, keywords, WRITE, |_| *args.add(3))
}

/// `hook(delattr, object, name)`.
pub unsafe extern "C" fn call_delattr(
    this: Object,
    args: *const Object,
    count: usize,
    keywords: Object,
) -> Object {
    call(this, args, count, keywords, DELETE, |_| {
        std::ptr::null_mut()
    })
}
