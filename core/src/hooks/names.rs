//! Globals and closure cells. The rewritten code reads and stores them itself; the hook gets the
//! value and records the access, before any other thread can run.

use super::table::{self, Hooked};
use super::{new_ref, none, Args};
use crate::ops::{flag, DELETE, READ, WRITE};
use crate::record::{access, frames, identity, recording};
use pyo3::ffi;
use std::ptr::null_mut;

/// The location of the site's variable in the running frame; 0 if there is none.
pub unsafe fn cell(site: &mut Hooked) -> u32 {
    let cell = frames::cell_of_current_frame(site.name);
    if cell.is_null() {
        return 0;
    }
    match site.cached(cell) {
        Some(location) => location,
        None => {
            let location = identity::cell(cell, site.name);
            site.cache(cell, location)
        }
    }
}

unsafe fn flags(site: &Hooked) -> u8 {
    if site.augments {
        flag::AUGMENTED
    } else {
        0
    }
}

/// `read_global(value, site)`: the value.
pub unsafe extern "C" fn read_global(
    _: *mut ffi::PyObject,
    args: Args,
    _: isize,
) -> *mut ffi::PyObject {
    let value = *args;
    if recording() {
        let site = &mut *table::get(*args.add(1));
        access(READ, site.global(), site.id, value, 0);
    }
    new_ref(value)
}

/// `read_cell(value, site)`: the value.
pub unsafe extern "C" fn read_cell(
    _: *mut ffi::PyObject,
    args: Args,
    _: isize,
) -> *mut ffi::PyObject {
    let value = *args;
    if recording() {
        let site = &mut *table::get(*args.add(1));
        access(READ, cell(site), site.id, value, 0);
    }
    new_ref(value)
}

/// `write_global(value, site)`, directly after the store: the value.
pub unsafe extern "C" fn write_global(
    _: *mut ffi::PyObject,
    args: Args,
    _: isize,
) -> *mut ffi::PyObject {
    let value = *args;
    if recording() {
        let site = &mut *table::get(*args.add(1));
        access(WRITE, site.global(), site.id, value, flags(site));
    }
    new_ref(value)
}

/// `write_cell(value, site)`, directly after the store: the value.
pub unsafe extern "C" fn write_cell(
    _: *mut ffi::PyObject,
    args: Args,
    _: isize,
) -> *mut ffi::PyObject {
    let value = *args;
    if recording() {
        let site = &mut *table::get(*args.add(1));
        access(WRITE, cell(site), site.id, value, flags(site));
    }
    new_ref(value)
}

/// `write_global` as a condition: True.
pub unsafe extern "C" fn bound_global(
    module: *mut ffi::PyObject,
    args: Args,
    count: isize,
) -> *mut ffi::PyObject {
    ffi::Py_DECREF(write_global(module, args, count));
    new_ref(ffi::Py_True())
}

/// `write_cell` as a condition: True.
pub unsafe extern "C" fn bound_cell(
    module: *mut ffi::PyObject,
    args: Args,
    count: isize,
) -> *mut ffi::PyObject {
    ffi::Py_DECREF(write_cell(module, args, count));
    new_ref(ffi::Py_True())
}

/// `delete_global(site)`, directly after the deletion.
pub unsafe extern "C" fn delete_global(
    _: *mut ffi::PyObject,
    args: Args,
    _: isize,
) -> *mut ffi::PyObject {
    if recording() {
        let site = &mut *table::get(*args);
        access(DELETE, site.global(), site.id, null_mut(), 0);
    }
    none()
}

/// `delete_cell(site)`, directly after the deletion.
pub unsafe extern "C" fn delete_cell(
    _: *mut ffi::PyObject,
    args: Args,
    _: isize,
) -> *mut ffi::PyObject {
    if recording() {
        let site = &mut *table::get(*args);
        access(DELETE, cell(site), site.id, null_mut(), 0);
    }
    none()
}

/// `in_place(old, operand, site)`: the result of the site's operator.
pub unsafe extern "C" fn in_place(
    _: *mut ffi::PyObject,
    args: Args,
    _: isize,
) -> *mut ffi::PyObject {
    let site = table::get(*args.add(2));
    ((*site).operator)(*args, *args.add(1))
}

/// `augment_global(operand, site)`: read, operate, store; both accesses recorded.
pub unsafe extern "C" fn augment_global(
    _: *mut ffi::PyObject,
    args: Args,
    _: isize,
) -> *mut ffi::PyObject {
    let site = table::get(*args.add(1));
    let name = (*site).name;
    let globals = new_ref(frames::globals());
    let old = find_global(globals, name);
    if old.is_null() {
        ffi::Py_DECREF(globals);
        return null_mut();
    }
    if recording() {
        access(READ, (*site).global(), (*site).id, old, 0);
    }
    let new = ((*site).operator)(old, *args);
    ffi::Py_DECREF(old);
    if new.is_null() {
        ffi::Py_DECREF(globals);
        return null_mut();
    }
    let failed = ffi::PyDict_SetItem(globals, name, new) < 0;
    if !failed && recording() {
        let location = (*site).global();
        access(WRITE, location, (*(*site).partner).id, new, flag::AUGMENTED);
    }
    ffi::Py_DECREF(new);
    ffi::Py_DECREF(globals);
    if failed {
        return null_mut();
    }
    none()
}

/// A new reference to what LOAD_GLOBAL finds; null with the NameError that it raises.
unsafe fn find_global(globals: *mut ffi::PyObject, name: *mut ffi::PyObject) -> *mut ffi::PyObject {
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
