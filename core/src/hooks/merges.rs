//! What `update` does to a dict: a write of each item that its arguments name.

use super::hook::{Hook, Object};
use super::kinds::{native, Family, Slot};
use super::namespaces;
use crate::control;
use crate::ops::WRITE;
use crate::record::{access, gate, locations};
use pyo3::ffi;
use pyo3::Python;

/// An `update` with more items is one change of the contents as a whole.
const MOST: isize = 64;

/// The keyword arguments of a call.
pub enum Keywords {
    None,
    /// A tuple of their names, and where the values lie.
    Vector(Object, *const Object),
    Dict(Object),
}

/// What a method is called with: its first argument, or null, the second, and the keywords.
pub struct Given {
    pub first: Object,
    /// The second, or null.
    pub second: Object,
    pub keywords: Keywords,
}

unsafe fn is_dict(py: Python<'_>, object: Object) -> bool {
    native(py, object, Slot::Iterate) == Some(Family::Dict)
}

unsafe fn is_sequence(object: Object) -> bool {
    let kind = ffi::Py_TYPE(object);
    kind == &raw mut ffi::PyList_Type || kind == &raw mut ffi::PyTuple_Type
}

/// A borrowed element of a list or tuple.
unsafe fn element(sequence: Object, index: isize) -> Object {
    match ffi::PyList_Check(sequence) {
        0 => ffi::PyTuple_GetItem(sequence, index),
        _ => ffi::PyList_GetItem(sequence, index),
    }
}

unsafe fn is_pair(object: Object) -> bool {
    is_sequence(object) && ffi::Py_SIZE(object) == 2
}

impl Given {
    /// How many items the arguments name; None if only the program's code could tell.
    unsafe fn count(&self, py: Python<'_>) -> Option<isize> {
        let first = match self.first {
            first if first.is_null() => 0,
            first if is_dict(py, first) => ffi::PyDict_Size(first),
            first if is_sequence(first) => {
                let size = ffi::Py_SIZE(first);
                let pairs = size <= MOST && (0..size).all(|i| is_pair(element(first, i)));
                pairs.then_some(size)?
            }
            _ => return None,
        };
        Some(match self.keywords {
            Keywords::None => first,
            Keywords::Vector(names, _) => first + ffi::PyTuple_Size(names),
            Keywords::Dict(dict) => first + ffi::PyDict_Size(dict),
        })
    }

    unsafe fn each(&self, py: Python<'_>, mut take: impl FnMut(Object, Object)) {
        let of_dict = |dict, take: &mut dyn FnMut(Object, Object)| {
            let (mut place, mut key, mut value) = Default::default();
            while ffi::PyDict_Next(dict, &mut place, &mut key, &mut value) != 0 {
                take(key, value);
            }
        };
        if !self.first.is_null() && is_dict(py, self.first) {
            of_dict(self.first, &mut take);
        } else if !self.first.is_null() {
            let mut index = 0;
            while index < ffi::Py_SIZE(self.first) {
                let pair = element(self.first, index);
                if is_pair(pair) {
                    take(element(pair, 0), element(pair, 1));
                }
                index += 1;
            }
        }
        match self.keywords {
            Keywords::None => {}
            Keywords::Vector(names, values) => {
                for index in 0..ffi::PyTuple_Size(names) {
                    take(ffi::PyTuple_GetItem(names, index), *values.offset(index));
                }
            }
            Keywords::Dict(dict) => of_dict(dict, &mut take),
        }
    }
}

/// Records what `update` has just written into the dict; false if the arguments do not say it.
/// `flags` are those of each write: which of the keys are new is not known.
pub unsafe fn written(
    py: Python<'_>,
    hook: &mut Hook,
    dict: Object,
    given: &Given,
    flags: u8,
) -> bool {
    if !given
        .count(py)
        .is_some_and(|count| (1..=MOST).contains(&count))
    {
        return false;
    }
    let (site, number) = (hook.id, hook.number(py, dict));
    given.each(py, |key, value| {
        ffi::Py_INCREF(key);
        ffi::Py_INCREF(value);
        // Nothing of this process came between these writes, but in a replay something of another may.
        if control::is_early(py) {
            gate::before(py, WRITE, 0, site);
        }
        let location = match namespaces::item(py, number, key) {
            0 => locations::contents(py, number),
            location => location,
        };
        access(py, WRITE, location, site, value, flags);
        ffi::Py_DECREF(value);
        ffi::Py_DECREF(key);
    });
    true
}
