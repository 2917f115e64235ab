//! Methods of containers that the program keeps or passes on: `add = items.append`,
//! `map(items.append, …)`, `Thread(target=items.append)`.
//!
//! Such a value is replaced by a twin: a built-in method of the same object with the same name, whose C
//! function calls the original and records it. Who calls it does not matter.

use super::attributes::Attribute;
use super::containers;
use super::hook::{self, Hook, Object};
use super::merges::{Given, Keywords};
use super::new_ref;
use super::places::Place;
use crate::gil::Gil;
use crate::ops::UPDATE;
use crate::record::{alone, gate, recording, sites};
use pyo3::ffi;
use pyo3::Python;
use std::ptr::null_mut;

type Call = unsafe extern "C" fn(Object, Object, Object) -> Object;

const MOST: usize = 128;

struct Twin {
    original: *mut ffi::PyMethodDef,
    twin: *mut ffi::PyMethodDef,
}

static TWINS: Gil<Vec<Twin>> = Gil::new(Vec::new());

/// Each twin has a function of its own, as Python tells methods apart by that.
unsafe extern "C" fn call<const N: usize>(
    object: Object,
    args: Object,
    keywords: Object,
) -> Object {
    let py = Python::assume_attached();
    recorded(py, TWINS.get(py)[N].original, object, args, keywords)
}

macro_rules! calls {
    ($($tens:literal)*) => {
        [$(
            call::<{ $tens * 8 }>, call::<{ $tens * 8 + 1 }>, call::<{ $tens * 8 + 2 }>,
            call::<{ $tens * 8 + 3 }>, call::<{ $tens * 8 + 4 }>, call::<{ $tens * 8 + 5 }>,
            call::<{ $tens * 8 + 6 }>, call::<{ $tens * 8 + 7 }>,
        )*]
    };
}

const CALLS: [Call; MOST] = calls!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);

/// Calls the method of the object, and records that.
unsafe fn recorded(
    py: Python<'_>,
    original: *mut ffi::PyMethodDef,
    object: Object,
    args: Object,
    keywords: Object,
) -> Object {
    let function = ffi::PyCFunction_NewEx(original, object, null_mut());
    if function.is_null() {
        return null_mut();
    }
    let argument = |index| match index < ffi::PyTuple_Size(args) {
        true => ffi::PyTuple_GetItem(args, index),
        false => null_mut(),
    };
    if recording() {
        gate::before(py, UPDATE, 0, 0);
    }
    let pending = match recording() {
        true => containers::pending(py, function, argument(0)),
        false => None,
    };
    let pending = pending.filter(|pending| !pending.only_reads() || alone::reads());
    let result = ffi::PyObject_Call(function, args, keywords);
    if let Some(pending) = pending {
        let mut hook = hook::plain(py, sites::current_site(py));
        if result.is_null() {
            pending.refused(py, &mut hook, argument(0));
        } else {
            let given = Given {
                first: argument(0),
                second: argument(1),
                keywords: match keywords.is_null() {
                    true => Keywords::None,
                    false => Keywords::Dict(keywords),
                },
            };
            pending.done(py, &mut hook, &given, result);
        }
    }
    ffi::Py_DECREF(function);
    result
}

/// The definition of the twin of a method; null if there can be no more.
unsafe fn definition(py: Python<'_>, original: *mut ffi::PyMethodDef) -> *mut ffi::PyMethodDef {
    let mut twins = TWINS.get(py);
    if let Some(known) = twins.iter().find(|twin| twin.original == original) {
        return known.twin;
    }
    if twins.len() == MOST {
        return null_mut();
    }
    // It lives as long as the process.
    let twin = Box::leak(Box::new(ffi::PyMethodDef {
        ml_name: (*original).ml_name,
        ml_meth: ffi::PyMethodDefPointer {
            PyCFunctionWithKeywords: CALLS[twins.len()],
        },
        ml_flags: ffi::METH_VARARGS | ffi::METH_KEYWORDS,
        ml_doc: (*original).ml_doc,
    }));
    twins.push(Twin { original, twin });
    twin
}

/// The method that the function stands for, if it is a twin, else the function itself; a new reference.
pub unsafe fn meant(py: Python<'_>, function: Object) -> Object {
    if ffi::Py_TYPE(function) == &raw mut ffi::PyCFunction_Type {
        let native = function.cast::<ffi::PyCFunctionObject>();
        let is = |twin: &&Twin| twin.twin == (*native).m_ml;
        let original = TWINS.get(py).iter().find(is).map(|twin| twin.original);
        let original =
            original.map(|original| ffi::PyCFunction_NewEx(original, (*native).m_self, null_mut()));
        match original {
            Some(original) if !original.is_null() => return original,
            Some(_) => ffi::PyErr_Clear(),
            None => {}
        }
    }
    new_ref(function)
}

/// `hook[object]`: the attribute of the hook's name, or its twin.
pub unsafe fn read_method(py: Python<'_>, hook: *mut Hook, object: Object) -> Object {
    let value = Attribute::read(py, hook, object);
    if value.is_null() || ffi::Py_TYPE(value) != &raw mut ffi::PyCFunction_Type || !recording() {
        return value;
    }
    let function = value.cast::<ffi::PyCFunctionObject>();
    if (*function).m_self.is_null() || containers::pending(py, value, null_mut()).is_none() {
        return value;
    }
    let twin = definition(py, (*function).m_ml);
    let made = match twin.is_null() {
        true => null_mut(),
        false => ffi::PyCFunction_NewEx(twin, (*function).m_self, null_mut()),
    };
    if made.is_null() {
        ffi::PyErr_Clear();
        return value;
    }
    ffi::Py_DECREF(value);
    made
}
