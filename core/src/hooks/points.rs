//! Scheduling points of names, which rewritten code reads and binds itself. Where a hook makes the
//! access, it passes the gate itself.

use super::hook::{Hook, Object};
use super::{names, new_ref, none};
use crate::ops::{DELETE, READ, WRITE};
use crate::record::{gate, recording};
use pyo3::Python;

unsafe fn before(
    py: Python<'_>,
    op: u8,
    hook: *mut Hook,
    locate: unsafe fn(Python<'_>, &mut Hook) -> u32,
) {
    if recording()
        && match op {
            READ => Hook::reads(hook),
            _ => Hook::changes(hook),
        }
    {
        let location = locate(py, &mut *hook);
        gate::before(py, op, location, (*hook).id);
    }
}

fn global(py: Python<'_>, hook: &mut Hook) -> u32 {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe { hook.global(py) }
}

/// A cell is numbered after the thread that uses it first, which may be another one yet.
fn cell(py: Python<'_>, hook: &mut Hook) -> u32 {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        match names::numbered(py, hook) {
            true => names::cell(py, hook),
            false => 0,
        }
    }
}

/// `hook[None]`: None.
pub unsafe fn before_read_global(py: Python<'_>, hook: *mut Hook, _: Object) -> Object {
    before(py, READ, hook, global);
    none(py)
}

/// `hook[None]`: None.
pub unsafe fn before_read_cell(py: Python<'_>, hook: *mut Hook, _: Object) -> Object {
    before(py, READ, hook, cell);
    none(py)
}

/// `hook[value]`: the value.
pub unsafe fn before_write_global(py: Python<'_>, hook: *mut Hook, value: Object) -> Object {
    before(py, WRITE, hook, global);
    new_ref(value)
}

/// `hook[value]`: the value.
pub unsafe fn before_write_cell(py: Python<'_>, hook: *mut Hook, value: Object) -> Object {
    before(py, WRITE, hook, cell);
    new_ref(value)
}

/// `hook[None]`: None.
pub unsafe fn before_delete_global(py: Python<'_>, hook: *mut Hook, _: Object) -> Object {
    before(py, DELETE, hook, global);
    none(py)
}

/// `hook[None]`: None.
pub unsafe fn before_delete_cell(py: Python<'_>, hook: *mut Hook, _: Object) -> Object {
    before(py, DELETE, hook, cell);
    none(py)
}
