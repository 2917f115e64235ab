//! The methods of native containers: what each does, and which one a call is of.

use super::kinds::{Family, Slot};
use crate::cpython::{callables, types};
use crate::gil::Gil;
use pyo3::ffi;
use pyo3::Python;
use rustc_hash::FxHashMap;
use std::ffi::CStr;
use std::ptr::null_mut;

type Object = *mut ffi::PyObject;

/// What a method does, and to which location.
#[derive(Clone, Copy, PartialEq)]
pub enum Action {
    /// Reads, writes, deletes or updates the item whose key is the first argument.
    ReadItem,
    WriteItem,
    DeleteItem,
    UpdateItem,
    /// Reads, copies, goes through, or updates the contents.
    Read,
    Copy,
    Iterate,
    Update,
    /// Updates the items that the arguments name.
    Merge,
}

#[derive(Clone, Copy)]
pub struct Method {
    pub action: Action,
    /// Whether it goes through its first argument too.
    pub takes_container: bool,
    /// What it is where it stands for an operator.
    pub slot: Option<Slot>,
}

/// The methods of the native types, by their definitions, or the addresses of their wrappers.
static KNOWN: Gil<Option<FxHashMap<usize, Method>>> = Gil::new(None);

const METHODS: &[(Action, bool, &[&CStr])] = &[
    (Action::ReadItem, false, &[c"get"]),
    (Action::UpdateItem, false, &[c"setdefault", c"move_to_end"]),
    (Action::Read, false, &[c"count", c"index"]),
    (
        Action::Iterate,
        false,
        &[c"__reversed__", c"items", c"keys", c"values"],
    ),
    (
        Action::Copy,
        false,
        &[c"copy", c"tobytes", c"tolist", c"tounicode"],
    ),
    (
        Action::Iterate,
        true,
        &[
            c"difference",
            c"intersection",
            c"isdisjoint",
            c"issubset",
            c"issuperset",
            c"symmetric_difference",
            c"union",
        ],
    ),
    (
        Action::Update,
        false,
        &[
            c"add",
            c"append",
            c"appendleft",
            c"byteswap",
            c"clear",
            c"discard",
            c"frombytes",
            c"insert",
            c"pop",
            c"popitem",
            c"popleft",
            c"remove",
            c"reverse",
            c"rotate",
            c"sort",
        ],
    ),
    (
        Action::Update,
        true,
        &[
            c"difference_update",
            c"extend",
            c"extendleft",
            c"fromlist",
            c"intersection_update",
            c"symmetric_difference_update",
        ],
    ),
    (Action::Merge, true, &[c"update"]),
];

/// Those of a Counter that are written in Python.
const OF_COUNTERS: &[(Action, bool, &[&CStr])] = &[
    (
        Action::Iterate,
        false,
        &[c"elements", c"most_common", c"total"],
    ),
    (Action::Update, true, &[c"subtract", c"update"]),
];

/// The methods behind operators, which a subclass calls for what it has in a way of its own.
const OPERATORS: &[(Slot, &CStr)] = &[
    (Slot::GetItem, c"__getitem__"),
    (Slot::SetItem, c"__setitem__"),
    (Slot::DeleteItem, c"__delitem__"),
    (Slot::Contains, c"__contains__"),
    (Slot::Iterate, c"__iter__"),
    (Slot::Length, c"__len__"),
];

fn operator(slot: Slot, family: Family) -> Action {
    match slot {
        Slot::GetItem => Action::ReadItem,
        Slot::SetItem => Action::WriteItem,
        Slot::DeleteItem => Action::DeleteItem,
        Slot::Contains if family == Family::Dict => Action::ReadItem,
        Slot::Contains | Slot::Length => Action::Read,
        Slot::Iterate => Action::Iterate,
        Slot::InPlace => Action::Update,
    }
}

/// What a method of a native type is known by; 0 if it is none that is called like that.
unsafe fn identity_of(method: Object) -> usize {
    let kind = ffi::Py_TYPE(method);
    if kind == &raw mut ffi::PyMethodDescr_Type {
        (*method.cast::<ffi::PyMethodDescrObject>()).d_method as usize
    } else if kind == &raw mut ffi::PyWrapperDescr_Type || kind == &raw mut ffi::PyFunction_Type {
        method as usize
    } else {
        0
    }
}

/// Makes the methods of a native type known.
///
/// # Safety
/// What it is given is live.
pub unsafe fn add_methods(py: Python<'_>, kind: *mut ffi::PyTypeObject, family: Family) {
    let mut known = KNOWN.get_or_insert_with(py, FxHashMap::default);
    let find = |name: &CStr| {
        let interned = ffi::PyUnicode_InternFromString(name.as_ptr());
        let found = types::lookup(kind, interned);
        ffi::Py_DECREF(interned);
        found
    };
    let mut add = |found: Object, action, takes_container, slot| {
        if found.is_null() || identity_of(found) == 0 {
            return;
        }
        let method = Method {
            action,
            takes_container,
            slot,
        };
        known.insert(identity_of(found), method);
    };
    for &(action, takes_container, names) in METHODS {
        for name in names {
            let keyed = family == Family::Dict && name.to_bytes() == b"pop";
            let action = if keyed { Action::UpdateItem } else { action };
            add(find(name), action, takes_container, None);
        }
    }
    for &(action, takes_container, names) in OF_COUNTERS {
        for name in names {
            let found = find(name);
            if !found.is_null() && ffi::Py_TYPE(found) == &raw mut ffi::PyFunction_Type {
                add(found, action, takes_container, None);
            }
        }
    }
    for &(slot, name) in OPERATORS {
        add(find(name), operator(slot, family), false, Some(slot));
    }
}

/// The native method that a call of the function is, and the object it is called on, which is
/// null if that is the first argument.
#[inline]
pub unsafe fn called(py: Python<'_>, function: Object) -> Option<(Method, Object)> {
    let kind = ffi::Py_TYPE(function);
    let native = kind == &raw mut ffi::PyCFunction_Type || kind == &raw mut ffi::PyCMethod_Type;
    let (identity, object) = if native {
        let function = function.cast::<ffi::PyCFunctionObject>();
        ((*function).m_ml as usize, (*function).m_self)
    } else if let Some((method, object)) =
        callables::bound_slot(py, function).or_else(|| callables::bound(function))
    {
        (method as usize, object)
    } else {
        (identity_of(function), null_mut())
    };
    let method = *KNOWN.get_some(py)?.get(&identity)?;
    Some((method, object))
}
