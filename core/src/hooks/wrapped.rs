//! What is in a wrapper: the dict or list that the standard library keeps there.

use super::hook::Object;
use super::kinds::{self, Wrapper};
use super::{environment, new_ref, Held};
use crate::record::keys;
use pyo3::ffi;
use pyo3::Python;
use std::ffi::CStr;

/// The name of the attribute in which a wrapper keeps what it wraps.
fn attribute(wrapper: Wrapper) -> &'static CStr {
    match wrapper {
        Wrapper::Dict | Wrapper::List => c"data",
        Wrapper::Chain => c"maps",
        Wrapper::Environment => c"_data",
    }
}

/// What is in a wrapper, if it is the dict or list that belongs there.
pub unsafe fn inside(py: Python<'_>, object: Object, wrapper: Wrapper) -> Option<Held> {
    if wrapper == Wrapper::Environment && !environment::is_it(py, object) {
        return None;
    }
    let found = Held(ffi::PyObject_GetAttrString(
        object,
        attribute(wrapper).as_ptr(),
    ));
    if found.0.is_null() {
        ffi::PyErr_Clear();
        return None;
    }
    let fits = match wrapper {
        Wrapper::Dict | Wrapper::Environment => ffi::PyDict_CheckExact(found.0),
        Wrapper::List | Wrapper::Chain => ffi::PyList_CheckExact(found.0),
    };
    (fits != 0).then_some(found)
}

/// What is in a wrapper, and the name of the attribute that it is in.
///
/// # Safety
/// What it is given is live.
pub unsafe fn part(py: Python<'_>, object: Object) -> Option<(&'static CStr, Object)> {
    let wrapper = kinds::wrapper(py, object, None)?;
    let found = inside(py, object, wrapper)?;
    Some((attribute(wrapper), new_ref(found.0)))
}

/// The maps of a ChainMap.
pub unsafe fn maps(py: Python<'_>, object: Object) -> Vec<Held> {
    let Some(list) = inside(py, object, Wrapper::Chain) else {
        return Vec::new();
    };
    (0..ffi::PyList_Size(list.0))
        .map(|index| Held(new_ref(ffi::PyList_GetItem(list.0, index))))
        .collect()
}

pub unsafe fn is_dict(object: Object) -> bool {
    ffi::PyDict_CheckExact(object) != 0
}

/// What an operator that changes something does it to; None for the environment.
pub unsafe fn target(py: Python<'_>, object: Object, wrapper: Wrapper) -> Option<Held> {
    match wrapper {
        Wrapper::Environment => None,
        Wrapper::Chain => maps(py, object)
            .into_iter()
            .next()
            .filter(|map| is_dict(map.0)),
        _ => inside(py, object, wrapper),
    }
}

pub unsafe fn is_slice(key: Object) -> bool {
    ffi::Py_TYPE(key) == &raw mut ffi::PySlice_Type
}

/// Whether the key is one that can be looked up here.
pub unsafe fn fits(wrapper: Wrapper, key: Object) -> bool {
    match wrapper {
        Wrapper::List => ffi::Py_TYPE(key) == &raw mut ffi::PyLong_Type || is_slice(key),
        Wrapper::Environment => ffi::Py_TYPE(key) == &raw mut ffi::PyUnicode_Type,
        _ => keys::is_inert(key),
    }
}
