//! What globals, attributes and items have in common as targets of an augmented assignment.

use super::containers;
use super::hook::{Hook, Object};
use super::merges::{Given, Keywords};
use super::{none, pair};
use crate::control;
use crate::ops::{READ, UPDATE, WRITE};
use crate::record::{access, alone, gate, recording, update};
use pyo3::ffi;
use pyo3::Python;
use std::ptr::null_mut;

/// A place that a hook reads and writes, recorded. `at` says which: the namespace of a global, the
/// object of an attribute, an item's container and key.
pub trait Place {
    /// A new reference to the value; null with an exception set.
    unsafe fn read(py: Python<'_>, hook: *mut Hook, at: Object) -> Object;
    /// False with an exception set.
    unsafe fn write(py: Python<'_>, hook: *mut Hook, at: Object, value: Object) -> bool;
    /// `augment` by `at_once`; None where that is not possible.
    unsafe fn augment_at_once(
        _py: Python<'_>,
        _: *mut Hook,
        _at: Object,
        _operand: Object,
    ) -> Option<bool> {
        None
    }
}

#[inline(always)]
unsafe fn is_number(value: Object) -> bool {
    let kind = ffi::Py_TYPE(value);
    kind == &raw mut ffi::PyLong_Type || kind == &raw mut ffi::PyFloat_Type
}

/// Adds to a number, or takes from it, and records read and write as one: between the two nothing
/// can run. None, with nothing done, if they are not numbers, or the run is controlled; `get` and
/// `set`, the plain accesses, must run no code of the program's.
#[inline(always)]
pub unsafe fn at_once(
    py: Python<'_>,
    hook: *mut Hook,
    location: u32,
    operand: Object,
    get: impl FnOnce() -> Object,
    set: impl FnOnce(Object) -> bool,
) -> Option<bool> {
    let partner = (*hook).partner;
    if !(*partner).adds || !is_number(operand) || !recording() || control::controlled() {
        return None;
    }
    let old = get();
    if old.is_null() {
        return Some(false);
    }
    if !is_number(old) {
        ffi::Py_DECREF(old);
        return None;
    }
    let new = ((*partner).operator)(old, operand);
    let changes = !new.is_null() && Hook::changes(partner);
    let stored = !new.is_null() && set(new);
    if !Hook::reads(hook) {
        if stored && changes {
            access(py, WRITE, location, (*partner).id, new, 0);
        }
    } else if stored && alone::reads() {
        update(py, location, ((*hook).id, old), ((*partner).id, new));
    } else if stored {
        access(py, READ, location, (*hook).id, old, 0);
        access(py, WRITE, location, (*partner).id, new, 0);
    } else {
        access(py, READ, location, (*hook).id, old, 0);
    }
    ffi::Py_DECREF(old);
    ffi::Py_XDECREF(new);
    Some(stored)
}

/// What the operator makes of the two. That it changes a container in place is recorded.
pub unsafe fn operate(py: Python<'_>, hook: *mut Hook, old: Object, operand: Object) -> Object {
    let operator = (*hook).operator;
    let changing = match recording() {
        true => containers::changing(py, old),
        false => None,
    };
    let Some(changing) = changing else {
        return operator(old, operand);
    };
    gate::before(py, UPDATE, 0, (*hook).id);
    let new = operator(old, operand);
    if new.is_null() {
        changing.refused(py, &mut *hook, operand);
    } else if new == old {
        let given = Given {
            first: operand,
            second: null_mut(),
            keywords: Keywords::None,
        };
        changing.done(py, &mut *hook, &given, ffi::Py_None());
    }
    new
}

unsafe fn store_result<P: Place>(
    py: Python<'_>,
    hook: *mut Hook,
    at: Object,
    old: Object,
    operand: Object,
) -> bool {
    let new = operate(py, hook, old, operand);
    if new.is_null() {
        return false;
    }
    let stored = P::write(py, hook, at, new);
    ffi::Py_DECREF(new);
    stored
}

/// `read[at] = operand`: read, operate, store.
pub unsafe fn augment<P: Place>(
    py: Python<'_>,
    hook: *mut Hook,
    at: Object,
    operand: Object,
) -> bool {
    if let Some(stored) = P::augment_at_once(py, hook, at, operand) {
        return stored;
    }
    let old = P::read(py, hook, at);
    if old.is_null() {
        return false;
    }
    let stored = store_result::<P>(py, (*hook).partner, at, old, operand);
    ffi::Py_DECREF(old);
    stored
}

/// `read[at, operand]`: the same, for an operand that Python evaluates after `at`.
pub unsafe fn augment_pair<P: Place>(py: Python<'_>, hook: *mut Hook, both: Object) -> Object {
    let (at, operand) = pair(both);
    match augment::<P>(py, hook, at, operand) {
        true => none(py),
        false => null_mut(),
    }
}

/// `read[at]`: what `finish` needs.
pub unsafe fn begin<P: Place>(py: Python<'_>, hook: *mut Hook, at: Object) -> Object {
    let old = P::read(py, hook, at);
    if old.is_null() {
        return null_mut();
    }
    let begun = ffi::PyTuple_Pack(2, at, old);
    ffi::Py_DECREF(old);
    begun
}

/// `write[begun, operand]`: operate, store.
pub unsafe fn finish<P: Place>(py: Python<'_>, hook: *mut Hook, both: Object) -> Object {
    let (begun, operand) = pair(both);
    let (at, old) = pair(begun);
    match store_result::<P>(py, hook, at, old, operand) {
        true => none(py),
        false => null_mut(),
    }
}
