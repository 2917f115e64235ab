//! Scheduling points of names, which rewritten code reads and binds itself. Where a hook makes the
//! access, it passes the gate itself.

use super::table::{self, Hooked};
use super::{names, new_ref, none, Args};
use crate::ops::{DELETE, READ, WRITE};
use crate::record::{gate, recording};
use pyo3::ffi;

unsafe fn before(op: u8, site: *mut ffi::PyObject, locate: unsafe fn(&mut Hooked) -> u32) {
    if recording() {
        let site = &mut *table::get(site);
        let location = locate(site);
        gate::before(op, location, site.id);
    }
}

unsafe fn global(site: &mut Hooked) -> u32 {
    site.global()
}

/// `before_read_global(site)`: None.
pub unsafe extern "C" fn before_read_global(
    _: *mut ffi::PyObject,
    args: Args,
    _: isize,
) -> *mut ffi::PyObject {
    before(READ, *args, global);
    none()
}

/// `before_read_cell(site)`: None.
pub unsafe extern "C" fn before_read_cell(
    _: *mut ffi::PyObject,
    args: Args,
    _: isize,
) -> *mut ffi::PyObject {
    before(READ, *args, names::cell);
    none()
}

/// `before_write_global(value, site)`: the value.
pub unsafe extern "C" fn before_write_global(
    _: *mut ffi::PyObject,
    args: Args,
    _: isize,
) -> *mut ffi::PyObject {
    before(WRITE, *args.add(1), global);
    new_ref(*args)
}

/// `before_write_cell(value, site)`: the value.
pub unsafe extern "C" fn before_write_cell(
    _: *mut ffi::PyObject,
    args: Args,
    _: isize,
) -> *mut ffi::PyObject {
    before(WRITE, *args.add(1), names::cell);
    new_ref(*args)
}

/// `before_delete_global(site)`: None.
pub unsafe extern "C" fn before_delete_global(
    _: *mut ffi::PyObject,
    args: Args,
    _: isize,
) -> *mut ffi::PyObject {
    before(DELETE, *args, global);
    none()
}

/// `before_delete_cell(site)`: None.
pub unsafe extern "C" fn before_delete_cell(
    _: *mut ffi::PyObject,
    args: Args,
    _: isize,
) -> *mut ffi::PyObject {
    before(DELETE, *args, names::cell);
    none()
}
