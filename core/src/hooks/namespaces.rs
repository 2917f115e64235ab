//! Dicts that are the variables of something: `globals()["x"]` is the global `x`, `vars(o)["x"]` and
//! `o.__dict__["x"]` are the attribute `o.x`.

use super::hook::{Hook, Object};
use super::modules;
use super::objects::forward;
use crate::gil::Gil;
use crate::record::{identity, locations, recording};
use pyo3::ffi;
use pyo3::Python;
use rustc_hash::FxHashMap;

#[derive(Clone, Copy)]
enum Owner {
    /// What its globals are called in the trace.
    Module(Object),
    /// An object's number.
    Object(u32),
}

/// By the number of the dict.
static OWNERS: Gil<Option<FxHashMap<u32, Owner>>> = Gil::new(None);

/// Forgets everything: a new recording.
pub fn reset(py: Python<'_>) {
    OWNERS.set(py, None);
}

/// The location of `dict[key]`, of the dict with this number; 0 if the key has no name.
///
/// # Safety
/// `key` is live.
#[inline]
pub unsafe fn item(py: Python<'_>, number: u32, key: Object) -> u32 {
    let owner = match ffi::Py_TYPE(key) == &raw mut ffi::PyUnicode_Type {
        true => OWNERS
            .get_some(py)
            .and_then(|owners| owners.get(&number).copied()),
        false => None,
    };
    match owner {
        None => locations::item(py, number, key),
        Some(Owner::Module(label)) => locations::global(py, label, key),
        Some(Owner::Object(owner)) => locations::attribute(py, owner, key),
    }
}

unsafe fn own(py: Python<'_>, dict: Object, owner: Owner) {
    let number = identity::object_id(py, dict);
    if number != 0 {
        let mut owners = OWNERS.get_or_insert_with(py, FxHashMap::default);
        owners.insert(number, owner);
    }
}

/// The dict is that of the object's attributes.
unsafe fn of_object(py: Python<'_>, dict: Object, object: Object) {
    if dict.is_null() || !recording() || ffi::PyDict_CheckExact(dict) == 0 {
        return;
    }
    if ffi::PyModule_Check(object) == 0 {
        let number = identity::object_id(py, object);
        if number != 0 {
            own(py, dict, Owner::Object(number));
        }
    } else if let Some(label) = modules::label(py, object) {
        own(py, dict, Owner::Module(label));
    }
}

/// `hook[globals()]`: the dict.
pub unsafe fn of_globals(py: Python<'_>, hook: *mut Hook, dict: Object) -> Object {
    if recording() && ffi::PyDict_CheckExact(dict) != 0 {
        own(py, dict, Owner::Module((*hook).module));
    }
    super::new_ref(dict)
}

/// `hook[object]`: `object.__dict__`.
pub unsafe fn read_dict(py: Python<'_>, _: *mut Hook, object: Object) -> Object {
    let dict = ffi::PyObject_GetAttrString(object, c"__dict__".as_ptr());
    of_object(py, dict, object);
    dict
}

/// `hook(vars, object)`.
pub unsafe extern "C" fn call_vars(
    _: Object,
    args: *const Object,
    count: usize,
    keywords: Object,
) -> Object {
    let py = Python::assume_attached();
    let count = ffi::PyVectorcall_NARGS(count);
    let dict = forward(py, args, count, keywords);
    if count == 2 {
        of_object(py, dict, *args.add(1));
    }
    dict
}
