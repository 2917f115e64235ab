//! Scheduling points of names, which rewritten code reads and binds itself. Where a hook makes the
//! access, it passes the gate itself.

use super::hook::{Hook, Object};
use super::{names, new_ref, none};
use crate::ops::{DELETE, READ, WRITE};
use crate::record::{gate, recording};

unsafe fn before(op: u8, hook: *mut Hook, locate: unsafe fn(&mut Hook) -> u32) {
    if recording()
        && match op {
            READ => Hook::reads(hook),
            _ => Hook::changes(hook),
        }
    {
        let location = locate(&mut *hook);
        gate::before(op, location, (*hook).id);
    }
}

unsafe fn global(hook: &mut Hook) -> u32 {
    hook.global()
}

/// A cell is numbered after the thread that uses it first, which may be another one yet.
unsafe fn cell(hook: &mut Hook) -> u32 {
    match names::numbered(hook) {
        true => names::cell(hook),
        false => 0,
    }
}

/// `hook[None]`: None.
pub unsafe fn before_read_global(hook: *mut Hook, _: Object) -> Object {
    before(READ, hook, global);
    none()
}

/// `hook[None]`: None.
pub unsafe fn before_read_cell(hook: *mut Hook, _: Object) -> Object {
    before(READ, hook, cell);
    none()
}

/// `hook[value]`: the value.
pub unsafe fn before_write_global(hook: *mut Hook, value: Object) -> Object {
    before(WRITE, hook, global);
    new_ref(value)
}

/// `hook[value]`: the value.
pub unsafe fn before_write_cell(hook: *mut Hook, value: Object) -> Object {
    before(WRITE, hook, cell);
    new_ref(value)
}

/// `hook[None]`: None.
pub unsafe fn before_delete_global(hook: *mut Hook, _: Object) -> Object {
    before(DELETE, hook, global);
    none()
}

/// `hook[None]`: None.
pub unsafe fn before_delete_cell(hook: *mut Hook, _: Object) -> Object {
    before(DELETE, hook, cell);
    none()
}
