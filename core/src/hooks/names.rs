//! Globals and closure cells. The rewritten code reads and stores them itself; the hook gets the
//! value and records the access, before any other thread can run.

use super::hook::{Hook, Object};
use super::places::{at_once, augment, operate, Place};
use super::{labels, new_ref, none, pair};
use crate::cpython::{frames, locals};
use crate::ops::{flag, DELETE, READ, WRITE};
use crate::record::{self, access, alone, gate, identity, locations, recording};
use pyo3::ffi;
use pyo3::Python;
use std::ptr::null_mut;

/// The location of the variable in the running frame; 0 if there is none.
#[inline]
pub unsafe fn cell(py: Python<'_>, site: &mut Hook) -> u32 {
    let cell = locals::cell_of_current_frame(py, site.name);
    if cell.is_null() {
        return 0;
    }
    match site.cached(py, cell) {
        Some(location) => location,
        None => {
            let location = locations::cell(py, cell, site.name);
            site.cache(py, cell, location)
        }
    }
}

/// Whether the cell of the variable has been used before.
pub unsafe fn numbered(py: Python<'_>, site: &Hook) -> bool {
    let cell = locals::cell_of_current_frame(py, site.name);
    !cell.is_null() && identity::known(py, cell) != 0
}

/// The variable was changed unseen.
#[inline]
unsafe fn cell_lies(py: Python<'_>, hook: *mut Hook, value: Object) {
    let cell = locals::cell_of_current_frame(py, (*hook).name);
    if !cell.is_null() {
        labels::lies_in_cell(py, cell, (*hook).name, value);
    }
}

/// The same of a global.
#[inline]
unsafe fn global_lies(py: Python<'_>, hook: *mut Hook, value: Object) {
    labels::lies_in_global(py, (*hook).module, (*hook).name, value);
}

#[inline(always)]
unsafe fn written(py: Python<'_>, hook: *mut Hook, location: u32, value: Object) {
    let augmented = (*hook).augments && alone::reads();
    let flags = if augmented { flag::AUGMENTED } else { 0 };
    access(py, WRITE, location, (*hook).id, value, flags);
}

/// `hook[value]`: the value.
pub unsafe fn read_global(py: Python<'_>, hook: *mut Hook, value: Object) -> Object {
    if Hook::reads(hook) {
        access(py, READ, (*hook).global(py), (*hook).id, value, 0);
    }
    new_ref(value)
}

/// `hook[value]`: the value.
pub unsafe fn read_cell(py: Python<'_>, hook: *mut Hook, value: Object) -> Object {
    if Hook::reads(hook) {
        access(py, READ, cell(py, &mut *hook), (*hook).id, value, 0);
    }
    new_ref(value)
}

/// `hook[value]`, directly after the store: the value.
pub unsafe fn write_global(py: Python<'_>, hook: *mut Hook, value: Object) -> Object {
    if !Hook::changes(hook) {
        global_lies(py, hook, value);
    } else if recording() {
        written(py, hook, (*hook).global(py), value);
    }
    new_ref(value)
}

/// `hook[value]`, directly after the store: the value.
pub unsafe fn write_cell(py: Python<'_>, hook: *mut Hook, value: Object) -> Object {
    if !Hook::changes(hook) {
        cell_lies(py, hook, value);
    } else if recording() {
        written(py, hook, cell(py, &mut *hook), value);
    }
    new_ref(value)
}

/// `write_global` as a condition: True.
pub unsafe fn bound_global(py: Python<'_>, hook: *mut Hook, value: Object) -> Object {
    ffi::Py_DECREF(write_global(py, hook, value));
    new_ref(ffi::Py_True())
}

/// `write_cell` as a condition: True.
pub unsafe fn bound_cell(py: Python<'_>, hook: *mut Hook, value: Object) -> Object {
    ffi::Py_DECREF(write_cell(py, hook, value));
    new_ref(ffi::Py_True())
}

/// `hook[…]`, directly after the deletion.
pub unsafe fn delete_global(py: Python<'_>, hook: *mut Hook, _: Object) -> Object {
    if Hook::changes(hook) && recording() {
        access(py, DELETE, (*hook).global(py), (*hook).id, null_mut(), 0);
    }
    none(py)
}

/// `hook[…]`, directly after the deletion.
pub unsafe fn delete_cell(py: Python<'_>, hook: *mut Hook, _: Object) -> Object {
    if Hook::changes(hook) && recording() {
        access(py, DELETE, cell(py, &mut *hook), (*hook).id, null_mut(), 0);
    }
    none(py)
}

/// `hook[old, operand]`: the result of the operator.
pub unsafe fn in_place(py: Python<'_>, hook: *mut Hook, both: Object) -> Object {
    let (old, operand) = pair(both);
    operate(py, hook, old, operand)
}

/// A global, in the namespace of the running code.
struct Global;

impl Place for Global {
    #[inline]
    unsafe fn read(py: Python<'_>, hook: *mut Hook, namespace: Object) -> Object {
        if !Hook::reads(hook) {
            return find_global(namespace, (*hook).name);
        }
        gate::before(py, READ, 0, (*hook).id);
        let value = find_global(namespace, (*hook).name);
        if recording() {
            if value.is_null() {
                let location = (*hook).global(py);
                record::refused(py, READ, || location, (*hook).id, 0);
            } else {
                access(py, READ, (*hook).global(py), (*hook).id, value, 0);
            }
        }
        value
    }

    #[inline]
    unsafe fn write(py: Python<'_>, hook: *mut Hook, namespace: Object, value: Object) -> bool {
        if !Hook::changes(hook) {
            let stored = ffi::PyDict_SetItem(namespace, (*hook).name, value) == 0;
            if stored {
                global_lies(py, hook, value);
            }
            return stored;
        }
        gate::before(py, WRITE, 0, (*hook).id);
        if ffi::PyDict_SetItem(namespace, (*hook).name, value) < 0 {
            return false;
        }
        if recording() {
            written(py, hook, (*hook).global(py), value);
        }
        true
    }

    #[inline]
    unsafe fn augment_at_once(
        py: Python<'_>,
        hook: *mut Hook,
        namespace: Object,
        operand: Object,
    ) -> Option<bool> {
        let name = (*hook).name;
        let get = || find_global(namespace, name);
        let set = |new| ffi::PyDict_SetItem(namespace, name, new) == 0;
        at_once(py, hook, (*hook).global(py), operand, get, set)
    }
}

/// `hook[None] = value`: a global as one of several targets.
pub unsafe fn store_global(py: Python<'_>, hook: *mut Hook, _: Object, value: Object) -> bool {
    if recording() {
        gate::before(py, WRITE, (*hook).global(py), (*hook).id);
    }
    let namespace = new_ref(frames::globals(py));
    let stored = Global::write(py, hook, namespace, value);
    ffi::Py_DECREF(namespace);
    stored
}

/// `hook[operand]`: read, operate, store.
pub unsafe fn augment_global(py: Python<'_>, hook: *mut Hook, operand: Object) -> Object {
    let namespace = new_ref(frames::globals(py));
    let stored = augment::<Global>(py, hook, namespace, operand);
    ffi::Py_DECREF(namespace);
    match stored {
        true => none(py),
        false => null_mut(),
    }
}

/// A new reference to what LOAD_GLOBAL finds; null with the NameError that it raises.
unsafe fn find_global(globals: Object, name: Object) -> Object {
    let mut found = ffi::PyDict_GetItemWithError(globals, name);
    if found.is_null() && ffi::PyErr_Occurred().is_null() {
        found = ffi::PyDict_GetItemWithError(ffi::PyEval_GetBuiltins(), name);
    }
    if !found.is_null() {
        return new_ref(found);
    }
    if ffi::PyErr_Occurred().is_null() {
        let text = ffi::PyUnicode_FromFormat(c"name '%U' is not defined".as_ptr(), name);
        if !text.is_null() {
            let error = ffi::PyObject_CallOneArg(ffi::PyExc_NameError, text);
            ffi::Py_DECREF(text);
            if !error.is_null() {
                ffi::PyObject_SetAttrString(error, c"name".as_ptr(), name);
                ffi::PyErr_SetObject(ffi::PyExc_NameError, error);
                ffi::Py_DECREF(error);
            }
        }
    }
    null_mut()
}
