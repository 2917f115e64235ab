//! Items of containers, membership, iteration, length and truth, and calls of their methods.

use super::containers::{self, Family, Slot};
use super::table::{self, Hooked};
use super::{done, new_ref, none, Args};
use crate::ops::{flag, DELETE, READ, UPDATE, WRITE};
use crate::record::{access, identity, recording};
use pyo3::ffi;
use std::ptr::null_mut;

unsafe fn read(
    site: *mut Hooked,
    object: *mut ffi::PyObject,
    key: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    let family = if recording() {
        containers::native(object, Slot::GetItem)
    } else {
        None
    };
    let Some(family) = family else {
        return ffi::PyObject_GetItem(object, key);
    };
    let before = containers::size(object, family);
    let value = ffi::PyObject_GetItem(object, key);
    let site = &mut *site;
    if value.is_null() {
        containers::refused(READ, site, object, family, key);
        return value;
    }
    let location = containers::item(site, object, family, key);
    access(READ, location, site.id, value, 0);
    if containers::size(object, family) != before {
        // A defaultdict made the item.
        access(UPDATE, location, site.id, value, flag::STRUCTURAL);
    }
    value
}

pub unsafe fn write(
    site: *mut Hooked,
    object: *mut ffi::PyObject,
    key: *mut ffi::PyObject,
    value: *mut ffi::PyObject,
) -> bool {
    let family = if recording() {
        containers::native(object, Slot::SetItem)
    } else {
        None
    };
    let Some(family) = family else {
        return ffi::PyObject_SetItem(object, key, value) == 0;
    };
    let before = containers::size(object, family);
    let site = &mut *site;
    if ffi::PyObject_SetItem(object, key, value) < 0 {
        containers::refused(WRITE, site, object, family, key);
        return false;
    }
    let mut flags = 0;
    if containers::size(object, family) != before {
        flags |= flag::STRUCTURAL;
    }
    if site.augments {
        flags |= flag::AUGMENTED;
    }
    let slice = ffi::Py_TYPE(key) == &raw mut ffi::PySlice_Type;
    let op = if slice { UPDATE } else { WRITE };
    let location = containers::item(site, object, family, key);
    access(op, location, site.id, value, flags);
    true
}

/// `read_item(object, key, site)`: the item.
pub unsafe extern "C" fn read_item(
    _: *mut ffi::PyObject,
    args: Args,
    _: isize,
) -> *mut ffi::PyObject {
    read(table::get(*args.add(2)), *args, *args.add(1))
}

/// `write_item(value, object, key, site)`.
pub unsafe extern "C" fn write_item(
    _: *mut ffi::PyObject,
    args: Args,
    _: isize,
) -> *mut ffi::PyObject {
    done(write(
        table::get(*args.add(3)),
        *args.add(1),
        *args.add(2),
        *args,
    ))
}

/// `delete_item(object, key, site)`.
pub unsafe extern "C" fn delete_item(
    _: *mut ffi::PyObject,
    args: Args,
    _: isize,
) -> *mut ffi::PyObject {
    let (object, key) = (*args, *args.add(1));
    let family = if recording() {
        containers::native(object, Slot::SetItem)
    } else {
        None
    };
    let site = &mut *table::get(*args.add(2));
    let mut location = 0;
    if let Some(family) = family {
        location = if family == Family::Dict {
            containers::item(site, object, family, key)
        } else {
            identity::contents(site.number(object))
        };
    }
    if ffi::PyObject_DelItem(object, key) < 0 {
        if let Some(family) = family {
            containers::refused(DELETE, site, object, family, key);
        }
        return null_mut();
    }
    if let Some(family) = family {
        let op = if family == Family::Dict {
            DELETE
        } else {
            UPDATE
        };
        access(op, location, site.id, null_mut(), flag::STRUCTURAL);
    }
    none()
}

unsafe fn finish(
    site: *mut Hooked,
    object: *mut ffi::PyObject,
    key: *mut ffi::PyObject,
    old: *mut ffi::PyObject,
    operand: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    let new = ((*site).operator)(old, operand);
    if new.is_null() {
        return null_mut();
    }
    let stored = write(site, object, key, new);
    ffi::Py_DECREF(new);
    done(stored)
}

/// `augment_item(object, key, operand, site)`.
pub unsafe extern "C" fn augment_item(
    _: *mut ffi::PyObject,
    args: Args,
    _: isize,
) -> *mut ffi::PyObject {
    let site = table::get(*args.add(3));
    let (object, key) = (*args, *args.add(1));
    let old = read(site, object, key);
    if old.is_null() {
        return null_mut();
    }
    let result = finish((*site).partner, object, key, old, *args.add(2));
    ffi::Py_DECREF(old);
    result
}

/// `begin_item(object, key, site)`: what `finish_item` needs.
pub unsafe extern "C" fn begin_item(
    _: *mut ffi::PyObject,
    args: Args,
    _: isize,
) -> *mut ffi::PyObject {
    let (object, key) = (*args, *args.add(1));
    let old = read(table::get(*args.add(2)), object, key);
    if old.is_null() {
        return null_mut();
    }
    let begun = ffi::PyTuple_Pack(3, object, key, old);
    ffi::Py_DECREF(old);
    begun
}

/// `finish_item(begun, operand, site)`.
pub unsafe extern "C" fn finish_item(
    _: *mut ffi::PyObject,
    args: Args,
    _: isize,
) -> *mut ffi::PyObject {
    let site = table::get(*args.add(2));
    let part = |index| ffi::PyTuple_GetItem(*args, index);
    finish(site, part(0), part(1), part(2), *args.add(1))
}

unsafe fn membership(args: Args) -> i32 {
    let (key, object) = (*args, *args.add(1));
    let found = ffi::PySequence_Contains(object, key);
    if found < 0 || !recording() {
        return found;
    }
    if let Some(family) = containers::native(object, Slot::Contains) {
        let site = &mut *table::get(*args.add(2));
        let location = if family == Family::Dict {
            containers::item(site, object, family, key)
        } else {
            identity::contents(site.number(object))
        };
        access(READ, location, site.id, truth_value(found == 1), 0);
    }
    found
}

unsafe fn truth_value(value: bool) -> *mut ffi::PyObject {
    if value {
        ffi::Py_True()
    } else {
        ffi::Py_False()
    }
}

/// `contains(key, object, site)`: `key in object`.
pub unsafe extern "C" fn contains(
    _: *mut ffi::PyObject,
    args: Args,
    _: isize,
) -> *mut ffi::PyObject {
    match membership(args) {
        found if found < 0 => null_mut(),
        found => new_ref(truth_value(found != 0)),
    }
}

/// `not_contains(key, object, site)`: `key not in object`.
pub unsafe extern "C" fn not_contains(
    _: *mut ffi::PyObject,
    args: Args,
    _: isize,
) -> *mut ffi::PyObject {
    match membership(args) {
        found if found < 0 => null_mut(),
        found => new_ref(truth_value(found == 0)),
    }
}

/// `iterate(object, site)`: the object, which is about to be gone through.
pub unsafe extern "C" fn iterate(
    _: *mut ffi::PyObject,
    args: Args,
    _: isize,
) -> *mut ffi::PyObject {
    if recording() {
        containers::iterated(&mut *table::get(*args.add(1)), *args);
    }
    new_ref(*args)
}

/// `length(object, site)`: `len(object)`.
pub unsafe extern "C" fn length(_: *mut ffi::PyObject, args: Args, _: isize) -> *mut ffi::PyObject {
    let object = *args;
    let size = ffi::PyObject_Size(object);
    if size < 0 {
        return null_mut();
    }
    let result = ffi::PyLong_FromSsize_t(size);
    if recording() && containers::native(object, Slot::Length).is_some() {
        let site = &mut *table::get(*args.add(1));
        let location = identity::contents(site.number(object));
        access(READ, location, site.id, result, 0);
    }
    result
}

/// `truth(object, site)`: `bool(object)`.
pub unsafe extern "C" fn truth(_: *mut ffi::PyObject, args: Args, _: isize) -> *mut ffi::PyObject {
    let object = *args;
    if ffi::Py_TYPE(object) == &raw mut ffi::PyBool_Type {
        return new_ref(object);
    }
    let value = ffi::PyObject_IsTrue(object);
    if value < 0 {
        return null_mut();
    }
    let result = truth_value(value != 0);
    if recording() && containers::native(object, Slot::Length).is_some() {
        let site = &mut *table::get(*args.add(1));
        let location = identity::contents(site.number(object));
        access(READ, location, site.id, result, 0);
    }
    new_ref(result)
}

unsafe fn forward(
    args: *const *mut ffi::PyObject,
    count: isize,
    keywords: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // The place before the arguments holds the site's number, which the callee may use meanwhile.
    let count = (count - 2) as usize | ffi::PY_VECTORCALL_ARGUMENTS_OFFSET;
    ffi::PyObject_Vectorcall(*args, args.add(2), count, keywords)
}

/// `call_method(function, site, *args, **keywords)`, for a function that may be a container's.
pub unsafe extern "C" fn call_method(
    _: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    count: isize,
    keywords: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    let pending = if recording() {
        containers::pending(*args)
    } else {
        None
    };
    let result = forward(args, count, keywords);
    if let Some(pending) = pending {
        let first = if count > 2 { *args.add(2) } else { null_mut() };
        let site = &mut *table::get(*args.add(1));
        if result.is_null() {
            pending.refused(site, first);
        } else {
            pending.done(site, first, result);
        }
    }
    result
}

/// `call_reader(function, site, *args, **keywords)`: of a builtin that goes through its arguments.
pub unsafe extern "C" fn call_reader(
    _: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    count: isize,
    keywords: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    if recording() {
        for index in 2..count {
            containers::iterated(&mut *table::get(*args.add(1)), *args.add(index as usize));
        }
    }
    forward(args, count, keywords)
}
