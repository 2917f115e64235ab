//! What a manager's server does to a managed object, as accesses of the thread that called the proxy.
//!
//! The server calls a method by name (`function(*args, **kwds)`). Where that is a native method, it
//! gets a function of ours in its place, which does the same and records it, with nothing in
//! between, for the caller.

use super::attributes;
use super::builtins::is_dunder;
use super::containers;
use super::hook::{self, Object};
use super::items::{self, Item};
use super::merges::{Given, Keywords};
use super::modules::Met;
use super::places::Place;
use super::{initialised, interned, none};
use crate::gil::Gil;
use crate::ops::{flag, DELETE, READ, UPDATE, WRITE};
use crate::record::delegates::{self, Caller};
use crate::record::{self, access, gate, identity, locations, recording};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};
use std::ptr::null_mut;

/// What a method does, beyond what `containers` knows.
#[derive(Clone, Copy, PartialEq)]
enum Action {
    GetItem,
    SetItem,
    DeleteItem,
    Contains,
    Length,
    /// Gives a copy of the contents, or goes through them while they may change.
    Copy,
    Iterate,
    /// Changes the contents in place.
    Update,
    GetAttribute,
    SetAttribute,
    DeleteAttribute,
    /// Gets or sets the one value that the object has.
    GetValue,
    SetValue,
    Other,
}

const ACTIONS: &[(&str, Action)] = &[
    ("__getitem__", Action::GetItem),
    ("__setitem__", Action::SetItem),
    ("__delitem__", Action::DeleteItem),
    ("__contains__", Action::Contains),
    ("__len__", Action::Length),
    ("__iter__", Action::Iterate),
    ("__reversed__", Action::Iterate),
    ("__add__", Action::Copy),
    ("__mul__", Action::Copy),
    ("__rmul__", Action::Copy),
    ("__or__", Action::Copy),
    ("__ror__", Action::Copy),
    ("__iadd__", Action::Update),
    ("__imul__", Action::Update),
    ("__ior__", Action::Update),
    ("__getattribute__", Action::GetAttribute),
    ("__setattr__", Action::SetAttribute),
    ("__delattr__", Action::DeleteAttribute),
    ("get value", Action::GetValue),
    ("set value", Action::SetValue),
];

/// The name of the location of a Value.
static VALUE: Gil<Object> = Gil::new(null_mut());

fn init(py: Python<'_>) -> PyResult<()> {
    if VALUE.copied(py).is_null() {
        initialised(py)?;
        VALUE.set(py, interned(&PyString::new(py, "value")));
    }
    Ok(())
}

/// Calls the native `function`, the method `name` of the object, for a caller.
#[pyclass(frozen, name = "managed", module = "racetrace.tracer._core")]
pub struct Managed {
    function: Py<PyAny>,
    object: Py<PyAny>,
    action: Action,
    caller: Option<Caller>,
}

impl Managed {
    /// The caller is known if what it has called is recorded for it.
    pub fn new(
        py: Python<'_>,
        function: Py<PyAny>,
        object: Py<PyAny>,
        name: &str,
        caller: Option<Caller>,
    ) -> PyResult<Managed> {
        init(py)?;
        let known = ACTIONS.iter().find(|(known, _)| *known == name);
        Ok(Managed {
            function,
            object,
            action: known.map_or(Action::Other, |(_, action)| *action),
            caller,
        })
    }
}

#[pymethods]
impl Managed {
    #[pyo3(signature = (*args, **kwargs))]
    fn __call__(
        &self,
        args: &Bound<'_, PyTuple>,
        kwargs: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Py<PyAny>> {
        let py = args.py();
        let kwargs = kwargs.filter(|kwargs| !kwargs.is_empty());
        let kwargs = kwargs.map_or(null_mut(), |kwargs| kwargs.as_ptr());
        // SAFETY: the arguments live as long as the call.
        unsafe {
            if let Some(caller) = self.caller {
                delegates::begin(py, caller);
            }
            let result = match args.as_slice() {
                _ if !recording() || !record::memory() || !kwargs.is_null() => None,
                given => self.special(py, given),
            };
            let result = result.unwrap_or_else(|| self.method(py, args.as_ptr(), kwargs));
            delegates::end(py);
            Bound::from_owned_ptr_or_err(py, result).map(Bound::unbind)
        }
    }
}

fn done(py: Python<'_>, succeeded: bool) -> Object {
    match succeeded {
        true => none(py),
        false => null_mut(),
    }
}

impl Managed {
    fn flags(&self) -> u8 {
        self.caller.map_or(0, |caller| caller.flags)
    }

    unsafe fn call(&self, args: Object, kwargs: Object) -> Object {
        ffi::PyObject_Call(self.function.as_ptr(), args, kwargs)
    }

    /// What is done in a way of its own; None if that is not for these arguments.
    fn special(&self, py: Python<'_>, args: &[Bound<'_, PyAny>]) -> Option<Object> {
        let object = self.object.as_ptr();
        // SAFETY: the GIL is held, and the objects are live.
        unsafe {
            let mut hook = hook::plain(py, 0);
            hook.augments = self.flags() & flag::AUGMENTED != 0;
            let hook = &raw mut *hook;
            let with = |key: &Bound<'_, PyAny>, body: &mut dyn FnMut(Object) -> Object| {
                let at = ffi::PyTuple_Pack(2, object, key.as_ptr());
                let result = if at.is_null() { at } else { body(at) };
                ffi::Py_XDECREF(at);
                result
            };
            Some(match (self.action, args) {
                (Action::GetItem, [key]) => with(key, &mut |at| Item::read(py, hook, at)),
                (Action::SetItem, [key, value]) => with(key, &mut |at| {
                    done(py, Item::write(py, hook, at, value.as_ptr()))
                }),
                (Action::DeleteItem, [key]) => with(key, &mut |at| {
                    done(py, items::delete_item(py, hook, at, null_mut()))
                }),
                (Action::Contains, [key]) => {
                    let both = ffi::PyTuple_Pack(2, key.as_ptr(), object);
                    let result = match both.is_null() {
                        true => both,
                        false => items::contains(py, hook, both),
                    };
                    ffi::Py_XDECREF(both);
                    result
                }
                (Action::Length, []) => items::length(py, hook, object),
                (Action::GetValue, []) => {
                    gate::before(py, READ, 0, 0);
                    let value = ffi::PyObject_GetAttrString(object, c"_value".as_ptr());
                    if !value.is_null() {
                        self.value(py, READ, value);
                    }
                    value
                }
                (Action::SetValue, [value]) => {
                    let value = value.as_ptr();
                    gate::before(py, WRITE, 0, 0);
                    let stored =
                        ffi::PyObject_SetAttrString(object, c"_value".as_ptr(), value) == 0;
                    if stored {
                        self.value(py, WRITE, value);
                    }
                    done(py, stored)
                }
                _ => return None,
            })
        }
    }

    unsafe fn value(&self, py: Python<'_>, op: u8, value: Object) {
        let number = identity::object_id(py, self.object.as_ptr());
        let location = locations::attribute(py, number, VALUE.copied(py));
        let flags = if op == WRITE { self.flags() } else { 0 };
        access(py, op, location, 0, value, flags);
    }

    /// What the method itself does, recorded when it has done it.
    unsafe fn method(&self, py: Python<'_>, args: Object, kwargs: Object) -> Object {
        let object = self.object.as_ptr();
        if !recording() || !record::memory() {
            return self.call(args, kwargs);
        }
        let function = self.function.as_ptr();
        let pending = || match self.action {
            Action::Other => containers::pending(py, function, null_mut()),
            _ => None,
        };
        if self.action != Action::Other || pending().is_some() {
            gate::before(py, UPDATE, 0, 0);
        }
        let mut hook = hook::plain(py, 0);
        hook.augments = self.flags() & flag::AUGMENTED != 0;
        let argument = |index| match index < ffi::PyTuple_Size(args) {
            true => ffi::PyTuple_GetItem(args, index),
            false => null_mut(),
        };
        let (first, second) = (argument(0), argument(1));
        if let Some(pending) = pending() {
            let result = self.call(args, kwargs);
            match result.is_null() {
                true => pending.refused(py, &mut hook, first),
                false => {
                    let keywords = match kwargs.is_null() {
                        true => Keywords::None,
                        false => Keywords::Dict(kwargs),
                    };
                    let given = Given {
                        first,
                        second,
                        keywords,
                    };
                    pending.served(py, &mut hook, &given, result)
                }
            }
            return result;
        }
        if self.action == Action::Iterate {
            containers::iterated(py, &mut hook, object);
        }
        let family = containers::family(py, object);
        let size = || family.map_or(0, |family| containers::size(object, family));
        let before = size();
        let result = self.call(args, kwargs);
        if result.is_null() {
            return result;
        }
        let op = match self.action {
            Action::GetAttribute => READ,
            Action::SetAttribute => WRITE,
            Action::DeleteAttribute => DELETE,
            Action::Update | Action::Copy if family.is_some() => {
                let (op, flags) = match self.action {
                    Action::Copy => (READ, 0),
                    _ if size() == before => (UPDATE, 0),
                    _ => (UPDATE, flag::STRUCTURAL),
                };
                let contents = locations::contents(py, identity::object_id(py, object));
                access(py, op, contents, 0, null_mut(), flags);
                return result;
            }
            _ => return result,
        };
        if !first.is_null() && ffi::Py_TYPE(first) == &raw mut ffi::PyUnicode_Type {
            let value = match op {
                READ => result,
                WRITE if ffi::PyTuple_Size(args) == 2 => ffi::PyTuple_GetItem(args, 1),
                _ => null_mut(),
            };
            let met = match value.is_null() {
                true => Met::Something,
                false => Met::Value(value),
            };
            hook.rename(first, is_dunder(first));
            attributes::record(py, op, &mut *hook, object, met, value);
        }
        result
    }
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<Managed>()
}
