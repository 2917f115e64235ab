//! Operators and methods of native containers, each recorded with nothing in between.

use super::containers::{self, Family, Pending};
use super::hook::{Hook, Object};
use super::labels;
use super::merges::{Given, Keywords};
use super::objects::{forward, truth_value};
use crate::control;
use crate::ops::{flag, DELETE, READ, UPDATE, WRITE};
use crate::record::{access, alone, gate, locations};
use pyo3::ffi;
use pyo3::Python;
use std::ptr::null_mut;

/// `object[key]`.
///
/// # Safety
/// This process records, and the object is a container of the family; this holds for all here.
#[inline(always)]
pub unsafe fn read(
    py: Python<'_>,
    hook: *mut Hook,
    object: Object,
    family: Family,
    key: Object,
) -> Object {
    gate::before(py, READ, 0, (*hook).id);
    let before = containers::size(object, family);
    if containers::has_missing(py, object) && containers::made_up(py, &mut *hook, object, key) {
        return ffi::PyObject_GetItem(object, key);
    }
    let value = ffi::PyObject_GetItem(object, key);
    let hook = &mut *hook;
    if value.is_null() {
        containers::refused(py, READ, hook, object, family, key);
        return value;
    }
    let location = containers::item(py, hook, object, family, key);
    let flags = containers::indexed(family, key);
    access(py, READ, location, hook.id, value, flags);
    if containers::size(object, family) != before && !containers::has_missing(py, object) {
        // A defaultdict made the item.
        access(py, UPDATE, location, hook.id, value, flag::STRUCTURAL);
    }
    value
}

/// `object[key] = value`.
#[inline(always)]
pub unsafe fn write(
    py: Python<'_>,
    hook: *mut Hook,
    object: Object,
    family: Family,
    key: Object,
    value: Object,
) -> bool {
    if !Hook::changes(hook) {
        let stored = ffi::PyObject_SetItem(object, key, value) == 0;
        if stored {
            labels::lies_in_item(py, object, key, value);
        }
        return stored;
    }
    gate::before(py, WRITE, 0, (*hook).id);
    let before = containers::size(object, family);
    let hook = &mut *hook;
    if ffi::PyObject_SetItem(object, key, value) < 0 {
        containers::refused(py, WRITE, hook, object, family, key);
        return false;
    }
    let mut flags = containers::indexed(family, key);
    if containers::size(object, family) != before {
        flags |= flag::STRUCTURAL;
    }
    if hook.augments && alone::reads() {
        flags |= flag::AUGMENTED;
    }
    let slice = ffi::Py_TYPE(key) == &raw mut ffi::PySlice_Type;
    let op = if slice { UPDATE } else { WRITE };
    let location = containers::item(py, hook, object, family, key);
    access(py, op, location, hook.id, value, flags);
    true
}

/// `del object[key]`.
#[inline(always)]
pub unsafe fn delete(
    py: Python<'_>,
    hook: *mut Hook,
    object: Object,
    family: Family,
    key: Object,
) -> bool {
    if !Hook::changes(hook) {
        return ffi::PyObject_DelItem(object, key) == 0;
    }
    gate::before(py, DELETE, 0, (*hook).id);
    let (op, location) = if family == Family::Dict {
        let location = containers::item(py, &mut *hook, object, family, key);
        (DELETE, location)
    } else {
        (UPDATE, locations::contents(py, (*hook).number(py, object)))
    };
    let before = containers::size(object, family);
    if ffi::PyObject_DelItem(object, key) < 0 {
        containers::refused(py, DELETE, &mut *hook, object, family, key);
        return false;
    }
    let (op, flags) = match containers::size(object, family) == before {
        // A Counter deletes what it does not have.
        true if family == Family::Dict => (READ, 0),
        true => (op, 0),
        false => (op, flag::STRUCTURAL),
    };
    access(py, op, location, (*hook).id, null_mut(), flags);
    true
}

/// `key in object`, as `PySequence_Contains` says it.
#[inline(always)]
pub unsafe fn contains(
    py: Python<'_>,
    hook: *mut Hook,
    object: Object,
    family: Family,
    key: Object,
) -> i32 {
    gate::before(py, READ, 0, (*hook).id);
    let found = ffi::PySequence_Contains(object, key);
    if found >= 0 {
        let hook = &mut *hook;
        let location = if family == Family::Dict {
            containers::item(py, hook, object, family, key)
        } else {
            locations::contents(py, hook.number(py, object))
        };
        access(py, READ, location, hook.id, truth_value(py, found == 1), 0);
    }
    found
}

/// Calls the first argument with the others; `pending` if it is a container's method that is recorded.
#[inline(always)]
pub unsafe fn call(
    py: Python<'_>,
    hook: *mut Hook,
    args: *const Object,
    count: isize,
    keywords: Object,
    mut pending: Option<Pending>,
) -> Object {
    let argument = |index: isize| match index < count {
        true => *args.offset(index),
        false => null_mut(),
    };
    if let Some(pending) = pending.as_ref().filter(|pending| {
        !pending.only_reads() && pending.is_plain() && keywords.is_null() && !Hook::changes(hook)
    }) {
        let result = forward(py, args, count, keywords);
        if !result.is_null() {
            let skipped = 1 + pending.skipped;
            pending.lies(py, argument(skipped), argument(skipped + 1), result);
        }
        return result;
    }
    if control::controlled() && pending.is_some() {
        gate::before(py, UPDATE, 0, (*hook).id);
        pending = containers::pending(py, *args, argument(1));
    }
    let result = forward(py, args, count, keywords);
    if let Some(pending) = pending {
        let first = argument(1 + pending.skipped);
        let second = argument(2 + pending.skipped);
        let hook = &mut *hook;
        if result.is_null() {
            pending.refused(py, hook, first);
        } else {
            let keywords = match keywords.is_null() {
                true => Keywords::None,
                false => Keywords::Vector(keywords, args.offset(count)),
            };
            let given = Given {
                first,
                second,
                keywords,
            };
            pending.done(py, hook, &given, result);
        }
    }
    result
}
