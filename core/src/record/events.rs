//! What turns an operation into a record of the calling thread.

use super::buffer::{self, Buffer, Made};
use super::state::recording;
use super::{gate, identity, older, sites, stacks, values};
use crate::ops::{self, outcome};
use pyo3::ffi;
use pyo3::Python;
use std::ffi::CStr;
use std::ptr::null_mut;

/// Whether the calling thread, which has a thread state, runs code of another interpreter of this
/// process: that is not recorded, and may have a GIL of its own.
#[inline(always)]
pub fn elsewhere() -> bool {
    buffer::current().is_null() && older::in_subinterpreter()
}

#[cold]
unsafe fn unseen(py: Python<'_>, buffer: *mut Buffer) {
    if buffer.is_null() {
        older::met(py);
    }
}

/// Records an access of the calling thread. `value` may be null; no Python code runs.
///
/// # Safety
/// `value` is null or a live object.
#[inline]
pub unsafe fn access(
    py: Python<'_>,
    op: u8,
    location: u32,
    site: u32,
    value: *mut ffi::PyObject,
    flags: u8,
) {
    let buf = buffer::current();
    if buf.is_null() || location == 0 {
        return unseen(py, buf);
    }
    let value = if value.is_null() {
        (values::ABSENT, 0)
    } else {
        values::encode_with(py, value, values::SHORT, |value| match op {
            ops::READ | ops::WRITE => identity::met(py, value),
            _ => identity::known(py, value),
        })
    };
    let low = outcome::OK << 4 | flags;
    let site = stacks::here(py, &mut *buf, site);
    push(py, &mut *buf, Made::new(op, location, site, value, low));
}

/// Records a read and the write that followed it with nothing in between, each with its site and
/// value. Not for controlled runs.
///
/// # Safety
/// The values are live.
#[inline]
pub unsafe fn update(
    py: Python<'_>,
    location: u32,
    read: (u32, *mut ffi::PyObject),
    write: (u32, *mut ffi::PyObject),
) {
    let buf = buffer::current();
    if buf.is_null() || location == 0 {
        return unseen(py, buf);
    }
    let (old, new) = (
        values::encode(py, read.1, values::SHORT),
        values::encode(py, write.1, values::SHORT),
    );
    let low = outcome::OK << 4;
    let [read_site, write_site] = stacks::both_here(py, &mut *buf, [read.0, write.0]);
    (*buf).push_both(
        Made::new(ops::READ, location, read_site, old, low),
        Made::new(
            ops::WRITE,
            location,
            write_site,
            new,
            low | ops::flag::AUGMENTED,
        ),
    );
}

/// Records an access that the exception now set prevented; the value is the exception's type.
/// Only what the state of the object refused: other errors say nothing of it.
///
/// An exception is set. It still is afterwards.
#[cold]
pub fn refused(py: Python<'_>, op: u8, location: impl FnOnce() -> u32, site: u32, flags: u8) {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        let by_state = ffi::PyErr_ExceptionMatches(ffi::PyExc_LookupError) != 0
            || ffi::PyErr_ExceptionMatches(ffi::PyExc_ValueError) != 0
            || ffi::PyErr_ExceptionMatches(ffi::PyExc_AttributeError) != 0
            || ffi::PyErr_ExceptionMatches(ffi::PyExc_NameError) != 0;
        let buf = buffer::current();
        if buf.is_null() || !by_state {
            return;
        }
        let (mut kind, mut error, mut trace) = (null_mut(), null_mut(), null_mut());
        ffi::PyErr_Fetch(&mut kind, &mut error, &mut trace);
        let name = CStr::from_ptr((*kind.cast::<ffi::PyTypeObject>()).tp_name).to_bytes();
        let value = values::text(py, name);
        let location = location();
        if location != 0 {
            let low = outcome::RAISED << 4 | flags;
            let site = stacks::here(py, &mut *buf, site);
            push(py, &mut *buf, Made::new(op, location, site, value, low));
        }
        ffi::PyErr_Restore(kind, error, trace);
    }
}

/// Records any other event of the calling thread; returns its sequence number (0: not recorded).
#[inline]
pub fn event(py: Python<'_>, op: u8, object: u32, outcome: u8, tag: u8, bits: u64) -> u64 {
    flagged(py, op, object, outcome << 4, tag, bits)
}

/// The same; `low` is the outcome and the flags.
#[inline]
fn flagged(py: Python<'_>, op: u8, object: u32, low: u8, tag: u8, bits: u64) -> u64 {
    let buf = buffer::current();
    if buf.is_null() {
        older::met(py);
        return 0;
    }
    identity::mention(py, object);
    // A thread begins and ends in no line of the program.
    // SAFETY: the buffer is the calling thread's own, and nobody else has a reference to it.
    unsafe {
        let site = match op {
            ops::BEGIN | ops::END | ops::STEP => 0,
            _ => {
                let (site, frame) = sites::current(py);
                stacks::within(py, &mut *buf, site, frame)
            }
        };
        let made = Made::new(op, object, site, (tag, bits), low);
        push(py, &mut *buf, made)
    }
}

/// Records what the calling thread writes to a standard stream.
pub fn output(py: Python<'_>, flags: u8, (tag, bits): (u8, u64)) {
    flagged(py, ops::OUTPUT, 0, flags, tag, bits);
}

/// As `event`, for what may have no scheduling point of its own: then one lies before its record.
///
/// Nothing is borrowed that another thread may want.
pub fn emit(
    py: Python<'_>,
    op: u8,
    object: u32,
    outcome: u8,
    value: impl FnOnce() -> (u8, u64),
) -> u64 {
    if !recording() {
        return 0;
    }
    if !gate::passed(py) {
        gate::before(py, op, object, 0);
    }
    let (tag, bits) = value();
    event(py, op, object, outcome, tag, bits)
}

/// Records that the calling thread has ended, by an exception of that type, a string value, that was
/// raised at the site.
pub fn failed(py: Python<'_>, thread: u32, name: (u8, u64), site: u32) -> u64 {
    let buf = buffer::current();
    if buf.is_null() {
        return 0;
    }
    identity::mention(py, thread);
    let made = Made::new(ops::END, thread, site, name, outcome::RAISED << 4);
    // SAFETY: the buffer is the calling thread's own, and nobody else has a reference to it.
    unsafe { push(py, &mut *buf, made) }
}

/// Writes one record of the calling thread, and tells the controller.
#[inline(always)]
unsafe fn push(py: Python<'_>, buf: &mut Buffer, made: Made) -> u64 {
    let seq = buf.push(made);
    gate::recorded(py, Made { seq, ..made });
    seq
}
