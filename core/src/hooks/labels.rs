//! The names of objects: the variable or attribute that an object is first assigned to, and where it
//! lies if no event says so (see `record::holdings`).

use super::hook::{Hook, Object};
use super::kinds::{native, size, Family, Slot};
use super::{memory, modules, none, thread_local, wrapped};
use crate::gil::Gil;
use crate::record::locations::{
    attribute_place, cell_place, global_place, indexed_place, item_place, untold_item_place, Place,
};
use crate::record::{holdings, identity, recording, worth};
use pyo3::ffi;
use pyo3::Python;
use std::ffi::CStr;
use std::ptr::null_mut;

/// How deep, and how many items of each, the containers are looked into that lie in something constant.
const DEPTH: u32 = 3;
const ITEMS: usize = 64;

static THREAD: Gil<*mut ffi::PyTypeObject> = Gil::new(null_mut());

/// Looks up `threading.Thread`, whose instances have names of their own. False with an exception
/// set on failure.
pub fn init(py: Python<'_>) -> bool {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        let module = ffi::PyImport_ImportModule(c"threading".as_ptr());
        if module.is_null() {
            return false;
        }
        THREAD.set(
            py,
            ffi::PyObject_GetAttrString(module, c"Thread".as_ptr()).cast(),
        );
        ffi::Py_DECREF(module);
        !THREAD.copied(py).is_null()
    }
}

unsafe fn has_own_name(py: Python<'_>, object: Object) -> bool {
    ffi::PyType_IsSubtype(ffi::Py_TYPE(object), THREAD.copied(py)) != 0
        || ffi::PyType_Check(object) != 0
}

/// The object's number if it is one that is worth a name and has none; else 0.
#[inline]
unsafe fn unnamed(py: Python<'_>, object: Object, numbers: bool) -> u32 {
    let number = match numbers {
        true => identity::met(py, object),
        false => identity::known(py, object),
    };
    if number == 0 || identity::labelled(py, number) || has_own_name(py, object) {
        return 0;
    }
    number
}

/// An attribute was assigned: its value is named `Class.attribute`.
#[inline]
pub unsafe fn attribute(py: Python<'_>, object: Object, name: Object, value: Object) {
    let number = unnamed(py, value, false);
    if number == 0 {
        let owner = identity::known(py, object);
        if owner != 0 && has_parts(py, value, false) {
            found(py, attribute_place(py, owner, name), value, false, 1);
        }
        return;
    }
    let class = CStr::from_ptr((*ffi::Py_TYPE(object)).tp_name).to_string_lossy();
    let class = class.rsplit('.').next().unwrap_or_default();
    if let Some(text) = modules::text(name) {
        identity::label(py, number, &format!("{class}.{text}"));
        let owner = identity::known(py, object);
        if owner != 0 {
            holdings::remember(py, attribute_place(py, owner, name), number);
        }
        inside(py, value, number, 1, false);
    }
}

/// The value lies at the place from now on, of which no event tells: if it is one that may be asked for,
/// it is named after that. The log has nothing of it until it is.
#[inline]
unsafe fn lies(py: Python<'_>, value: Object, place: impl FnOnce() -> Option<Place>) {
    if recording() {
        let number = identity::met_untold(py, value);
        if number != 0 || ffi::PyTuple_CheckExact(value) != 0 {
            lies_there(py, value, number, place);
        }
    }
}

unsafe fn lies_there(
    py: Python<'_>,
    value: Object,
    number: u32,
    place: impl FnOnce() -> Option<Place>,
) {
    let is_named = match number {
        0 => !has_parts(py, value, false),
        number => holdings::lies(py, number) || has_own_name(py, value),
    };
    if is_named {
        return;
    }
    match place() {
        None => {}
        Some(place) if number == 0 => found(py, place, value, false, 1),
        Some(place) => {
            holdings::moved(py, place, number);
            inside(py, value, number, 1, false);
        }
    }
}

/// The same of an attribute.
#[inline]
pub unsafe fn lies_in_attribute(py: Python<'_>, object: Object, name: Object, value: Object) {
    lies(py, value, || {
        if thread_local(py, ffi::Py_TYPE(object)) {
            return None;
        }
        if ffi::PyModule_Check(object) != 0 {
            return modules::label(py, object).map(|module| global_place(py, module, name));
        }
        in_owner(py, object, |owner| Some(attribute_place(py, owner, name)))
    });
}

/// The same of an item.
#[inline]
pub unsafe fn lies_in_item(py: Python<'_>, object: Object, key: Object, value: Object) {
    lies(py, value, || {
        in_owner(py, object, |owner| untold_item_place(py, owner, key))
    });
}

/// The same of a list that has grown at its end.
pub unsafe fn lies_at_end(py: Python<'_>, list: Object, value: Object) {
    lies(py, value, || {
        let index = ffi::PyList_Size(list) - 1;
        let is_there = index >= 0 && ffi::PyList_GetItem(list, index) == value;
        let place = |owner| Some(indexed_place(owner, index));
        is_there.then(|| in_owner(py, list, place)).flatten()
    });
}

/// The same of a global.
#[inline]
pub unsafe fn lies_in_global(py: Python<'_>, module: Object, name: Object, value: Object) {
    lies(py, value, || Some(global_place(py, module, name)));
}

/// Says of the objects that events are about where they lie in modules that had been imported before the recording
/// began: no event and no statement says so.
pub fn lie_in_modules(py: Python<'_>) {
    // SAFETY: the GIL is held, and the references are those of the data.
    unsafe {
        for (module, name, value) in modules::data(py) {
            found(py, global_place(py, module, name), value, false, DEPTH);
            ffi::Py_DECREF(name);
            ffi::Py_DECREF(value);
        }
    }
}

/// The same of a closure's variable.
#[inline]
pub unsafe fn lies_in_cell(py: Python<'_>, cell: Object, name: Object, value: Object) {
    lies(py, value, || {
        in_owner(py, cell, |owner| Some(cell_place(py, owner, name)))
    });
}

unsafe fn in_owner(
    py: Python<'_>,
    owner: Object,
    place: impl FnOnce(u32) -> Option<Place>,
) -> Option<Place> {
    match identity::untold(py, owner) {
        0 => None,
        number => place(number),
    }
}

/// A list has grown at its end: what stands there now, if it is the value, has a place.
pub unsafe fn appended(py: Python<'_>, list: Object, value: Object) {
    let (owner, number) = (identity::known(py, list), identity::known(py, value));
    if owner == 0 || number == 0 || holdings::has_place(py, number) || has_own_name(py, value) {
        return;
    }
    let index = ffi::PyList_Size(list) - 1;
    if index >= 0 && ffi::PyList_GetItem(list, index) == value {
        let key = ffi::PyLong_FromSsize_t(index);
        if let Some(place) = item_place(py, owner, key) {
            holdings::hold(py, place, number);
        }
        ffi::Py_DECREF(key);
    }
}

/// The number of a class, which is named after itself.
pub unsafe fn class(py: Python<'_>, kind: Object) -> u32 {
    let number = identity::object_id(py, kind);
    if number != 0 && !identity::labelled(py, number) {
        let name = CStr::from_ptr((*kind.cast::<ffi::PyTypeObject>()).tp_name);
        identity::label(py, number, &name.to_string_lossy());
        modules::hold_class(py, kind.cast(), number);
    }
    number
}

/// The object lies at the place; what is in it is named too.
unsafe fn found(py: Python<'_>, place: Place, object: Object, numbers: bool, depth: u32) {
    let number = if numbers {
        identity::met(py, object)
    } else {
        identity::known(py, object)
    };
    let number = match number {
        0 if depth > 0 && has_parts(py, object, numbers) => identity::stand_in(py, object),
        number => number,
    };
    if number != 0 {
        holdings::hold(py, place, number);
        if depth > 0 {
            inside(py, object, number, depth - 1, numbers);
        }
    }
}

/// Whether it is a tuple, which has no number, of something that has or gets one and no place yet.
unsafe fn has_parts(py: Python<'_>, object: Object, numbers: bool) -> bool {
    let worth = |part: Object| match identity::known(py, part) {
        0 => numbers && worth::numbering(py, ffi::Py_TYPE(part)),
        number => !holdings::has_place(py, number) && !has_own_name(py, part),
    };
    ffi::PyTuple_CheckExact(object) != 0
        && (0..ffi::PyTuple_Size(object).min(ITEMS as isize))
            .any(|index| worth(ffi::PyTuple_GetItem(object, index)))
}

/// What lies in a list, tuple, deque or dict with this number. `numbers`: what has no number gets one.
unsafe fn inside(py: Python<'_>, object: Object, number: u32, depth: u32, numbers: bool) {
    let mut entries: Vec<(Object, Object)> = Vec::new();
    if let Some(Family::Deque) = native(py, object, Slot::GetItem) {
        for index in 0..size(object, Family::Deque).min(ITEMS as isize) {
            let value = ffi::PySequence_GetItem(object, index);
            entries.push((ffi::PyLong_FromSsize_t(index), value));
        }
    } else if ffi::PyDict_CheckExact(object) != 0 {
        let (mut at, mut key, mut value) = (0, null_mut(), null_mut());
        while entries.len() < ITEMS && ffi::PyDict_Next(object, &mut at, &mut key, &mut value) != 0
        {
            entries.push((super::new_ref(key), super::new_ref(value)));
        }
    } else if ffi::PyTuple_CheckExact(object) != 0 {
        for index in 0..ffi::PyTuple_Size(object).min(ITEMS as isize) {
            let value = ffi::PyTuple_GetItem(object, index);
            entries.push((ffi::PyLong_FromSsize_t(index), super::new_ref(value)));
        }
    } else if ffi::PyList_CheckExact(object) != 0 {
        for index in 0..ffi::PyList_Size(object).min(ITEMS as isize) {
            let value = ffi::PyList_GetItem(object, index);
            entries.push((ffi::PyLong_FromSsize_t(index), super::new_ref(value)));
        }
    }
    if let Some((name, value)) = wrapped::part(py, object).or_else(|| memory::viewed(object)) {
        let name = ffi::PyUnicode_InternFromString(name.as_ptr());
        found(py, attribute_place(py, number, name), value, numbers, depth);
        ffi::Py_DECREF(name);
        ffi::Py_DECREF(value);
    }
    for (key, value) in entries {
        if !has_own_name(py, value) {
            if let Some(place) = item_place(py, number, key) {
                found(py, place, value, numbers, depth);
            }
        }
        ffi::Py_DECREF(key);
        ffi::Py_DECREF(value);
    }
}

unsafe fn assigned(py: Python<'_>, hook: *mut Hook, object: Object, numbers: bool) -> Object {
    if recording() {
        let numbers = numbers && !thread_local(py, ffi::Py_TYPE(object));
        if numbers && !Hook::changes(hook) {
            identity::met_untold(py, object);
        }
        let number = unnamed(py, object, numbers);
        if number != 0 {
            if let Some(name) = modules::text((*hook).name) {
                identity::label(py, number, name);
            }
        }
    }
    none(py)
}

/// `hook[value]`: the value was assigned to a variable of the hook's name.
pub unsafe fn label(py: Python<'_>, hook: *mut Hook, object: Object) -> Object {
    assigned(py, hook, object, false)
}

/// The same of a variable of a function that other threads may come by: the value gets a number if it
/// has none.
pub unsafe fn label_shared(py: Python<'_>, hook: *mut Hook, object: Object) -> Object {
    let result = assigned(py, hook, object, true);
    if recording() {
        let number = identity::known(py, object);
        if number != 0 && !has_own_name(py, object) {
            inside(py, object, number, 1, false);
        }
    }
    result
}

/// The same of a global.
pub unsafe fn label_global(py: Python<'_>, hook: *mut Hook, object: Object) -> Object {
    let result = assigned(py, hook, object, true);
    if recording() && !has_own_name(py, object) {
        let place = global_place(py, (*hook).module, (*hook).name);
        found(py, place, object, true, DEPTH);
    }
    result
}

/// `hook[class]`: the class was made; what its body has bound is named after it.
pub unsafe fn label_class(py: Python<'_>, _: *mut Hook, object: Object) -> Object {
    if recording() && ffi::PyType_Check(object) != 0 {
        for (name, value) in members(py, object.cast()) {
            let place = attribute_place(py, class(py, object), name);
            found(py, place, value, true, DEPTH);
            ffi::Py_DECREF(name);
            ffi::Py_DECREF(value);
        }
    }
    none(py)
}

/// What a class holds that is worth a name, with the names; an Enum its members. New references.
unsafe fn members(py: Python<'_>, class: *mut ffi::PyTypeObject) -> Vec<(Object, Object)> {
    let mut entries = Vec::new();
    let mut dict = (*class).tp_dict;
    if dict.is_null() {
        return entries;
    }
    let members = ffi::PyDict_GetItemString(dict, c"_member_map_".as_ptr());
    if !members.is_null() && ffi::PyDict_CheckExact(members) != 0 {
        dict = members;
    }
    let (mut at, mut name, mut value) = (0, null_mut(), null_mut());
    while ffi::PyDict_Next(dict, &mut at, &mut name, &mut value) != 0 {
        let named = modules::text(name).is_some_and(|name| !name.starts_with("__"));
        let worth = identity::known(py, value) != 0 || worth::numbering(py, ffi::Py_TYPE(value));
        if named && worth && !has_own_name(py, value) {
            entries.push((super::new_ref(name), super::new_ref(value)));
        }
    }
    entries
}
