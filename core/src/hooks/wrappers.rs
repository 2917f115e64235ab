//! Wrappers: what the standard library's Python puts around containers (`UserDict`, `UserList`,
//! `ChainMap`, `os.environ`).
//!
//! What one does in the standard library's way is done here to the container inside, natively, so
//! that nothing comes between the access and its record. Where that fails, the wrapper's own code
//! raises the error. Keys are those whose look-up runs nothing of the program's.

use super::containers::{self, Family};
use super::hook::{Hook, Object};
use super::kinds::{self, native, Slot, Wrapper};
use super::looks::{looked, Look};
use super::objects::forward;
use super::wrapped::{fits, inside, is_dict, is_slice, maps, target};
use super::{environment, natively, new_ref, none, Held};
use crate::cpython::{callables, types};
use crate::gil::Gil;
use crate::ops::{flag, READ, UPDATE};
use crate::record::{access, gate, locations};
use pyo3::ffi;
use pyo3::Python;
use rustc_hash::FxHashMap;
use std::ffi::CStr;
use std::ptr::null_mut;

/// What a method does, beside what operators do.
#[derive(Clone, Copy, PartialEq)]
enum Action {
    Get,
    Pop,
    SetDefault,
    /// What the container's method of that name does.
    Inside,
    /// Goes through all, or changes some of it, by code of its own.
    Iterate,
    Change,
}

const METHODS: &[(Wrapper, Action, &[&CStr])] = &[
    (Wrapper::Dict, Action::Get, &[c"get"]),
    (Wrapper::Dict, Action::Pop, &[c"pop"]),
    (Wrapper::Dict, Action::SetDefault, &[c"setdefault"]),
    (
        Wrapper::Dict,
        Action::Iterate,
        &[c"copy", c"items", c"keys", c"values"],
    ),
    (
        Wrapper::Dict,
        Action::Change,
        &[c"clear", c"popitem", c"update"],
    ),
    (Wrapper::Chain, Action::Get, &[c"get"]),
    (Wrapper::Chain, Action::Inside, &[c"pop"]),
    (Wrapper::Chain, Action::SetDefault, &[c"setdefault"]),
    (
        Wrapper::Chain,
        Action::Iterate,
        &[c"items", c"keys", c"values"],
    ),
    (
        Wrapper::Chain,
        Action::Change,
        &[c"clear", c"popitem", c"update"],
    ),
    (Wrapper::Environment, Action::Get, &[c"get"]),
    (Wrapper::Environment, Action::Pop, &[c"pop"]),
    (Wrapper::Environment, Action::SetDefault, &[c"setdefault"]),
    (
        Wrapper::Environment,
        Action::Iterate,
        &[c"copy", c"items", c"keys", c"values"],
    ),
    (
        Wrapper::Environment,
        Action::Change,
        &[c"clear", c"popitem", c"update"],
    ),
    (
        Wrapper::List,
        Action::Inside,
        &[c"append", c"clear", c"insert", c"pop", c"reverse"],
    ),
    (
        Wrapper::List,
        Action::Iterate,
        &[c"copy", c"count", c"index"],
    ),
    (
        Wrapper::List,
        Action::Change,
        &[c"extend", c"remove", c"sort"],
    ),
];

#[derive(Clone, Copy)]
struct Method {
    action: Action,
    name: &'static CStr,
}

/// By their functions.
static KNOWN: Gil<Option<FxHashMap<usize, Method>>> = Gil::new(None);
/// Looks up the wrappers and their methods. False with an exception set on failure.
pub fn init(py: Python<'_>) -> bool {
    if !environment::init(py) || !kinds::init_wrappers(py) {
        return false;
    }
    let mut known = KNOWN.get_or_insert_with(py, FxHashMap::default);
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        for &(wrapper, action, names) in METHODS {
            for &name in names {
                let interned = Held(ffi::PyUnicode_InternFromString(name.as_ptr()));
                let function = types::lookup(kinds::wrapper_type(py, wrapper), interned.0);
                if !function.is_null() {
                    known.insert(function as usize, Method { action, name });
                }
            }
        }
    }
    true
}

/// What is under the key; recorded. `slot` says by which operator it is asked for.
unsafe fn look(py: Python<'_>, hook: *mut Hook, object: Object, key: Object, slot: Slot) -> Look {
    if is_dict(object) {
        return look_up(py, hook, object, key, slot);
    }
    let Some(wrapper) = kinds::wrapper(py, object, Some(slot)) else {
        return Look::Unknown;
    };
    if wrapper == Wrapper::List || !fits(wrapper, key) {
        return Look::Unknown;
    }
    if wrapper == Wrapper::Chain {
        for map in maps(py, object) {
            match look(py, hook, map.0, key, slot) {
                Look::Nothing => {}
                found => return found,
            }
        }
        return Look::Nothing;
    }
    match inside(py, object, wrapper) {
        None => Look::Unknown,
        Some(dict) if wrapper == Wrapper::Environment => {
            environment::look_up(py, hook, dict.0, key, slot)
        }
        Some(dict) => look_up(py, hook, dict.0, key, slot),
    }
}

unsafe fn look_up(py: Python<'_>, hook: *mut Hook, dict: Object, key: Object, slot: Slot) -> Look {
    gate::before(py, READ, 0, (*hook).id);
    let value = ffi::PyDict_GetItemWithError(dict, key);
    if !ffi::PyErr_Occurred().is_null() {
        ffi::PyErr_Clear();
        return Look::Unknown;
    }
    ffi::Py_XINCREF(value);
    let location = containers::item(py, &mut *hook, dict, Family::Dict, key);
    looked(py, hook, location, value, slot)
}

/// `object[key]`; None if the object is no wrapper that does it in the standard library's way.
///
/// # Safety
/// This holds for all here.
pub unsafe fn read(py: Python<'_>, hook: *mut Hook, object: Object, key: Object) -> Option<Object> {
    let wrapper = kinds::wrapper(py, object, Some(Slot::GetItem))?;
    if wrapper == Wrapper::List {
        let list = inside(py, object, wrapper).filter(|_| fits(wrapper, key))?;
        if is_slice(key) {
            gate::before(py, READ, 0, (*hook).id);
            let contents = locations::contents(py, (*hook).number(py, list.0));
            access(py, READ, contents, (*hook).id, null_mut(), 0);
            return None; // it makes another wrapper
        }
        let value = natively::read(py, hook, list.0, native(py, list.0, Slot::GetItem)?, key);
        return Some(match value.is_null() {
            true => {
                ffi::PyErr_Clear();
                ffi::PyObject_GetItem(object, key)
            }
            false => value,
        });
    }
    loop {
        match look(py, hook, object, key, Slot::GetItem) {
            Look::Value(value) => return Some(value),
            Look::Unknown => return None,
            Look::Nothing => {}
        }
        let value = Held(ffi::PyObject_GetItem(object, key)); // raises
        if value.0.is_null() {
            return Some(null_mut());
        }
    }
}

/// `object[key] = value`.
pub unsafe fn write(
    py: Python<'_>,
    hook: *mut Hook,
    object: Object,
    key: Object,
    value: Object,
) -> Option<bool> {
    let wrapper = kinds::wrapper(py, object, Some(Slot::SetItem)).filter(|w| fits(*w, key))?;
    if wrapper == Wrapper::Environment {
        let dict = inside(py, object, wrapper)?;
        return environment::write(py, hook, dict.0, key, value);
    }
    let target = target(py, object, wrapper)?;
    let family = native(py, target.0, Slot::SetItem)?;
    let stored = natively::write(py, hook, target.0, family, key, value);
    if stored || is_slice(key) {
        return Some(stored);
    }
    ffi::PyErr_Clear();
    Some(ffi::PyObject_SetItem(object, key, value) == 0)
}

/// `del object[key]`.
pub unsafe fn delete(py: Python<'_>, hook: *mut Hook, object: Object, key: Object) -> Option<bool> {
    let wrapper = kinds::wrapper(py, object, Some(Slot::DeleteItem)).filter(|w| fits(*w, key))?;
    let deleted = match target(py, object, wrapper) {
        Some(target) => {
            let family = native(py, target.0, Slot::DeleteItem)?;
            natively::delete(py, hook, target.0, family, key)
        }
        None => environment::delete(py, hook, inside(py, object, wrapper)?.0, key)?,
    };
    if deleted {
        return Some(true);
    }
    ffi::PyErr_Clear();
    Some(ffi::PyObject_DelItem(object, key) == 0)
}

/// `key in object`, as `PySequence_Contains` says it.
pub unsafe fn contains(
    py: Python<'_>,
    hook: *mut Hook,
    key: Object,
    object: Object,
) -> Option<i32> {
    let wrapper = kinds::wrapper(py, object, Some(Slot::Contains))?;
    if wrapper == Wrapper::List {
        let list = inside(py, object, wrapper)?;
        let family = native(py, list.0, Slot::Contains)?;
        return Some(natively::contains(py, hook, list.0, family, key));
    }
    match look(py, hook, object, key, Slot::Contains) {
        Look::Value(value) => {
            ffi::Py_DECREF(value);
            Some(1)
        }
        Look::Nothing => Some(0),
        Look::Unknown => None,
    }
}

/// The container whose length is that of the object, a new reference; null if there is none.
pub unsafe fn measured(py: Python<'_>, object: Object) -> Object {
    match kinds::wrapper(py, object, Some(Slot::Length)) {
        None | Some(Wrapper::Chain) => null_mut(),
        Some(wrapper) => inside(py, object, wrapper).map_or(null_mut(), |held| new_ref(held.0)),
    }
}

/// Calls the method of a wrapper's that the first argument is; None if it is none.
pub unsafe fn call(
    py: Python<'_>,
    hook: *mut Hook,
    args: *const Object,
    count: isize,
    keywords: Object,
) -> Option<Object> {
    let (function, object) = callables::bound(*args)?;
    let method = *KNOWN.get_some(py)?.get(&(function as usize))?;
    let wrapper = kinds::whole_wrapper(py, object)?;
    let keyed = keywords.is_null() && (2..=3).contains(&count) && wrapper != Wrapper::List;
    let (key, default) = match keyed {
        // SAFETY: there is a second argument when it is used.
        true => (*args.add(1), (count == 3).then(|| unsafe { *args.add(2) })),
        false => (null_mut(), None),
    };
    match method.action {
        Action::Get | Action::Pop | Action::SetDefault if !keyed => None,
        Action::Get => match look(py, hook, object, key, Slot::GetItem) {
            Look::Value(value) => Some(value),
            Look::Nothing => Some(default.map_or_else(|| none(py), |value| new_ref(value))),
            Look::Unknown => None,
        },
        Action::Pop => match look(py, hook, object, key, Slot::GetItem) {
            Look::Value(value) => {
                let value = Held(value);
                let deleted = delete(py, hook, object, key)?;
                Some(match deleted {
                    true => new_ref(value.0),
                    false => null_mut(),
                })
            }
            Look::Nothing => default.map(|value| new_ref(value)),
            Look::Unknown => None,
        },
        Action::SetDefault => match look(py, hook, object, key, Slot::GetItem) {
            Look::Value(value) => Some(value),
            Look::Unknown => None,
            Look::Nothing => {
                let value = default.unwrap_or(ffi::Py_None());
                Some(match write(py, hook, object, key, value)? {
                    true => new_ref(value),
                    false => null_mut(),
                })
            }
        },
        Action::Inside => {
            let target = target(py, object, wrapper)?;
            let name = method.name.as_ptr();
            let own = Held(ffi::PyObject_GetAttrString(target.0, name));
            let mut given = vec![own.0];
            let all = match keywords.is_null() {
                true => count,
                false => count + ffi::PyTuple_Size(keywords),
            };
            given.extend((1..all).map(|index| *args.offset(index)));
            let pending = containers::pending(py, own.0, null_mut());
            let result = natively::call(py, hook, given.as_ptr(), count, keywords, pending);
            if !result.is_null() {
                return Some(result);
            }
            ffi::PyErr_Clear();
            None
        }
        Action::Iterate => {
            if Hook::reads(hook) {
                gate::before(py, READ, 0, (*hook).id);
                containers::iterated(py, &mut *hook, object);
            }
            None
        }
        Action::Change => {
            let target = target(py, object, wrapper)?;
            gate::before(py, UPDATE, 0, (*hook).id);
            let before = ffi::PyObject_Size(target.0);
            let result = forward(py, args, count, keywords);
            if !result.is_null() {
                let flags = match ffi::PyObject_Size(target.0) == before {
                    true => 0,
                    false => flag::STRUCTURAL,
                };
                let contents = locations::contents(py, (*hook).number(py, target.0));
                access(py, UPDATE, contents, (*hook).id, null_mut(), flags);
            }
            Some(result)
        }
    }
}
