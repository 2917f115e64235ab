//! Items of containers, membership, iteration, length and truth, and calls of their methods.

use super::containers::{self, Family, Slot};
use super::hook::{Hook, Object};
use super::objects::{forward, truth_value};
use super::places::Place;
use super::{labels, natively, new_ref, pair, shared, through, wrappers};
use crate::cpython::profiles;
use crate::gil::Gil;
use crate::natives;
use crate::ops::{flag, ITERATE, READ, UPDATE};
use crate::record::{access, gate, locations, recording};
use pyo3::ffi;
use pyo3::Python;
use std::ptr::null_mut;

/// The builtin `len`, which the hook of a length does the work of.
static LEN: Gil<Object> = Gil::new(null_mut());

/// False, with an exception set, if there is no `len`.
pub fn init(py: Python<'_>) -> bool {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        let builtins = ffi::PyImport_ImportModule(c"builtins".as_ptr());
        if !builtins.is_null() {
            LEN.set(py, ffi::PyObject_GetAttrString(builtins, c"len".as_ptr()));
            ffi::Py_DECREF(builtins);
        }
        !LEN.copied(py).is_null()
    }
}

/// An item, in a container: `at` is (container, key).
pub struct Item;

impl Place for Item {
    unsafe fn read(py: Python<'_>, hook: *mut Hook, at: Object) -> Object {
        let (object, key) = pair(at);
        if !Hook::reads(hook) {
            return read_alone(py, hook, object, key);
        }
        let family = if recording() {
            containers::native(py, object, Slot::GetItem)
        } else {
            None
        };
        if shared::active() && matches!(family, None | Some(Family::Memory)) {
            if let Some(value) = shared::read_item(py, hook, object, key) {
                return value;
            }
        }
        let Some(family) = family.filter(|family| !is_view(*family, object, key)) else {
            if let Some(value) = wrapped(|| wrappers::read(py, hook, object, key)) {
                return value;
            }
            return overridden(py, hook, Slot::GetItem, object, || {
                ffi::PyObject_GetItem(object, key)
            });
        };
        natively::read(py, hook, object, family, key)
    }

    unsafe fn write(py: Python<'_>, hook: *mut Hook, at: Object, value: Object) -> bool {
        let (object, key) = pair(at);
        let family = if recording() {
            containers::native(py, object, Slot::SetItem)
        } else {
            None
        };
        if shared::active() && matches!(family, None | Some(Family::Memory)) {
            if let Some(stored) = shared::write_item(py, hook, object, key, value) {
                return stored;
            }
        }
        let Some(family) = family else {
            if let Some(stored) = wrapped(|| wrappers::write(py, hook, object, key, value)) {
                return stored;
            }
            return overridden(py, hook, Slot::SetItem, object, || {
                ffi::PyObject_SetItem(object, key, value) == 0
            });
        };
        natively::write(py, hook, object, family, key, value)
    }
}

/// An item that no other thread can touch meanwhile. What is made because it is not there is recorded.
#[inline]
unsafe fn read_alone(py: Python<'_>, hook: *mut Hook, object: Object, key: Object) -> Object {
    if !containers::makes_items(py, object) || !recording() {
        return ffi::PyObject_GetItem(object, key);
    }
    let before = ffi::PyDict_Size(object);
    let value = ffi::PyObject_GetItem(object, key);
    if value.is_null() || ffi::PyDict_Size(object) == before {
        return value;
    }
    if !Hook::changes(hook) {
        labels::lies_in_item(py, object, key, value);
    } else {
        let location = containers::item(py, &mut *hook, object, Family::Dict, key);
        access(py, UPDATE, location, (*hook).id, value, flag::STRUCTURAL);
    }
    value
}

/// Whether what a key gives is a view of the memory, which nothing has been read from yet.
unsafe fn is_view(family: Family, object: Object, key: Object) -> bool {
    family == Family::Memory
        && ffi::PyMemoryView_Check(object) != 0
        && ffi::Py_TYPE(key) == &raw mut ffi::PySlice_Type
}

/// What is done to a wrapper, if anything is recorded.
fn wrapped<T>(operate: impl FnOnce() -> Option<T>) -> Option<T> {
    match recording() {
        true => operate(),
        false => None,
    }
}

/// Does an operator of an object that may be a container with a method of its own for it.
unsafe fn overridden<T>(
    py: Python<'_>,
    hook: *mut Hook,
    slot: Slot,
    object: Object,
    operate: impl FnOnce() -> T,
) -> T {
    match recording() && containers::family(py, object).is_some() {
        true => through::at((*hook).id, slot, object, operate),
        false => operate(),
    }
}

/// `del hook[container, key]`.
pub unsafe fn delete_item(py: Python<'_>, hook: *mut Hook, at: Object, _: Object) -> bool {
    let (object, key) = pair(at);
    let family = if recording() {
        containers::native(py, object, Slot::DeleteItem)
    } else {
        None
    };
    let Some(family) = family else {
        if let Some(deleted) = wrapped(|| wrappers::delete(py, hook, object, key)) {
            return deleted;
        }
        return overridden(py, hook, Slot::DeleteItem, object, || {
            ffi::PyObject_DelItem(object, key) == 0
        });
    };
    natively::delete(py, hook, object, family, key)
}

/// `key in container` of (key, container), as `PySequence_Contains` says it.
pub unsafe fn membership(py: Python<'_>, hook: *mut Hook, both: Object) -> i32 {
    let (key, object) = pair(both);
    if !Hook::reads(hook) {
        return ffi::PySequence_Contains(object, key);
    }
    let family = match recording() {
        true => containers::native(py, object, Slot::Contains),
        false => None,
    };
    let Some(family) = family else {
        if let Some(found) = wrapped(|| wrappers::contains(py, hook, key, object)) {
            return found;
        }
        return overridden(py, hook, Slot::Contains, object, || {
            ffi::PySequence_Contains(object, key)
        });
    };
    natively::contains(py, hook, object, family, key)
}

/// `hook[key, container]`: `key in container`.
pub unsafe fn contains(py: Python<'_>, hook: *mut Hook, both: Object) -> Object {
    match membership(py, hook, both) {
        found if found < 0 => null_mut(),
        found => new_ref(truth_value(py, found != 0)),
    }
}

/// `hook[key, container]`: `key not in container`.
pub unsafe fn not_contains(py: Python<'_>, hook: *mut Hook, both: Object) -> Object {
    match membership(py, hook, both) {
        found if found < 0 => null_mut(),
        found => new_ref(truth_value(py, found == 0)),
    }
}

/// `hook[container]`: the container, in which something is about to be looked for.
pub unsafe fn searched(py: Python<'_>, hook: *mut Hook, object: Object) -> Object {
    if Hook::reads(hook) && containers::native(py, object, Slot::Contains).is_some() {
        let hook = &mut *hook;
        let location = locations::contents(py, hook.number(py, object));
        access(py, READ, location, hook.id, null_mut(), 0);
    }
    new_ref(object)
}

/// `hook[object]`: the object, which is about to be gone through.
pub unsafe fn iterate(py: Python<'_>, hook: *mut Hook, object: Object) -> Object {
    if Hook::reads(hook) {
        gate::before(py, ITERATE, 0, (*hook).id);
        containers::iterated(py, &mut *hook, object);
        let through = natives::iterators::in_loop(py, object);
        if !through.is_null() {
            return through;
        }
    }
    new_ref(object)
}

unsafe fn reads_length(py: Python<'_>, hook: *mut Hook, object: Object, value: Object) {
    if recording() && containers::native(py, object, Slot::Length).is_some() {
        let location = locations::contents(py, (*hook).number(py, object));
        access(py, READ, location, (*hook).id, value, 0);
    }
}

unsafe fn measured(py: Python<'_>, object: Object) -> Object {
    match recording() && containers::family(py, object).is_none() {
        true => wrappers::measured(py, object),
        false => null_mut(),
    }
}

/// `hook[object]`: `len(object)`.
pub unsafe fn length(py: Python<'_>, hook: *mut Hook, object: Object) -> Object {
    match profiles::watched(py) {
        true => profiles::told(py, LEN.copied(py), null_mut(), || measure(py, hook, object)),
        false => measure(py, hook, object),
    }
}

unsafe fn measure(py: Python<'_>, hook: *mut Hook, object: Object) -> Object {
    if !Hook::reads(hook) {
        return match ffi::PyObject_Size(object) {
            size if size < 0 => null_mut(),
            size => ffi::PyLong_FromSsize_t(size),
        };
    }
    let inside = measured(py, object);
    if !inside.is_null() {
        let result = measure(py, hook, inside);
        ffi::Py_DECREF(inside);
        return result;
    }
    gate::before(py, READ, 0, (*hook).id);
    let size = match containers::native(py, object, Slot::Length) {
        Some(_) => ffi::PyObject_Size(object),
        None => overridden(py, hook, Slot::Length, object, || {
            ffi::PyObject_Size(object)
        }),
    };
    if size < 0 {
        return null_mut();
    }
    let result = ffi::PyLong_FromSsize_t(size);
    if !result.is_null() {
        reads_length(py, hook, object, result);
    }
    result
}

/// `hook[object]`: `bool(object)`.
pub unsafe fn truth(py: Python<'_>, hook: *mut Hook, object: Object) -> Object {
    if ffi::Py_TYPE(object) == &raw mut ffi::PyBool_Type {
        return new_ref(object);
    }
    if !Hook::reads(hook) {
        return match ffi::PyObject_IsTrue(object) {
            value if value < 0 => null_mut(),
            value => new_ref(truth_value(py, value != 0)),
        };
    }
    let inside = measured(py, object);
    if !inside.is_null() {
        let result = truth(py, hook, inside);
        ffi::Py_DECREF(inside);
        return result;
    }
    gate::before(py, READ, 0, (*hook).id);
    let value = match containers::native(py, object, Slot::Length) {
        Some(_) => ffi::PyObject_IsTrue(object),
        None => overridden(py, hook, Slot::Length, object, || {
            ffi::PyObject_IsTrue(object)
        }),
    };
    if value < 0 {
        return null_mut();
    }
    let result = truth_value(py, value != 0);
    reads_length(py, hook, object, result);
    new_ref(result)
}

/// `hook(function, *args, **keywords)`, for a function that may be a container's.
pub unsafe extern "C" fn call_method(
    this: Object,
    args: *const Object,
    count: usize,
    keywords: Object,
) -> Object {
    let py = Python::assume_attached();
    let count = ffi::PyVectorcall_NARGS(count);
    let argument = |index: isize| match index < count {
        true => *args.offset(index),
        false => null_mut(),
    };
    let pending = if recording() {
        containers::pending(py, *args, argument(1))
    } else {
        None
    };
    let only_reads = pending
        .as_ref()
        .is_some_and(containers::Pending::only_reads);
    if only_reads && !Hook::reads(this.cast()) {
        return forward(py, args, count, keywords);
    }
    if recording() && pending.is_none() {
        if let Some(result) = wrappers::call(py, this.cast(), args, count, keywords) {
            return result;
        }
    }
    natively::call(py, this.cast(), args, count, keywords, pending)
}

/// `hook(function, *args, **keywords)`: of a builtin that goes through its arguments.
pub unsafe extern "C" fn call_reader(
    this: Object,
    args: *const Object,
    count: usize,
    keywords: Object,
) -> Object {
    let py = Python::assume_attached();
    let count = ffi::PyVectorcall_NARGS(count);
    if Hook::reads(this.cast()) {
        let hook = &mut *this.cast::<Hook>();
        gate::before(py, ITERATE, 0, hook.id);
        let only = count == 2 && keywords.is_null();
        for index in 1..count {
            containers::passed(py, hook, *args, *args.add(index as usize), only);
        }
    }
    forward(py, args, count, keywords)
}
