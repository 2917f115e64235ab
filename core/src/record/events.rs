//! What turns an operation into a record of the calling thread.

use super::buffer::{self, Buffer, Made};
use super::state::recording;
use super::{gate, identity, older, sites, stacks, values};
use crate::ops::{self, outcome};
use pyo3::ffi;
use std::ffi::CStr;
use std::ptr::null_mut;

/// Whether the calling thread, which has a thread state, runs code of another interpreter of this
/// process: that is not recorded, and may have a GIL of its own.
#[inline(always)]
pub fn elsewhere() -> bool {
    buffer::current().is_null() && older::in_subinterpreter()
}

#[cold]
unsafe fn unseen(buffer: *mut Buffer) {
    if buffer.is_null() {
        older::met();
    }
}

/// Records an access of the calling thread. `value` may be null; no Python code runs.
///
/// # Safety
/// The GIL is held; `value` is null or a live object.
#[inline]
pub unsafe fn access(op: u8, location: u32, site: u32, value: *mut ffi::PyObject, flags: u8) {
    let buf = buffer::current();
    if buf.is_null() || location == 0 {
        return unseen(buf);
    }
    let value = if value.is_null() {
        (values::ABSENT, 0)
    } else {
        values::encode_with(value, values::SHORT, |value| match op {
            ops::READ | ops::WRITE => identity::met(value),
            _ => identity::known(value),
        })
    };
    let low = outcome::OK << 4 | flags;
    let site = stacks::here(&mut *buf, site);
    push(&mut *buf, Made::new(op, location, site, value, low));
}

/// Records a read and the write that followed it with nothing in between, each with its site and
/// value. Not for controlled runs.
///
/// # Safety
/// The GIL is held; the values are live.
#[inline]
pub unsafe fn update(
    location: u32,
    read: (u32, *mut ffi::PyObject),
    write: (u32, *mut ffi::PyObject),
) {
    let buf = buffer::current();
    if buf.is_null() || location == 0 {
        return unseen(buf);
    }
    let (old, new) = (
        values::encode(read.1, values::SHORT),
        values::encode(write.1, values::SHORT),
    );
    let low = outcome::OK << 4;
    let [read_site, write_site] = stacks::both_here(&mut *buf, [read.0, write.0]);
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
/// # Safety
/// The GIL is held and an exception is set. It still is afterwards.
#[cold]
pub unsafe fn refused(op: u8, location: impl FnOnce() -> u32, site: u32, flags: u8) {
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
    let value = values::text(name);
    let location = location();
    if location != 0 {
        let low = outcome::RAISED << 4 | flags;
        let site = stacks::here(&mut *buf, site);
        push(&mut *buf, Made::new(op, location, site, value, low));
    }
    ffi::PyErr_Restore(kind, error, trace);
}

/// Records any other event of the calling thread; returns its sequence number (0: not recorded).
///
/// # Safety
/// The GIL is held.
#[inline]
pub unsafe fn event(op: u8, object: u32, outcome: u8, tag: u8, bits: u64) -> u64 {
    flagged(op, object, outcome << 4, tag, bits)
}

/// The same; `low` is the outcome and the flags.
#[inline]
unsafe fn flagged(op: u8, object: u32, low: u8, tag: u8, bits: u64) -> u64 {
    let buf = buffer::current();
    if buf.is_null() {
        older::met();
        return 0;
    }
    identity::mention(object);
    // A thread begins and ends in no line of the program.
    let site = match op {
        ops::BEGIN | ops::END | ops::STEP => 0,
        _ => {
            let (site, frame) = sites::current();
            stacks::within(&mut *buf, site, frame)
        }
    };
    let made = Made::new(op, object, site, (tag, bits), low);
    push(&mut *buf, made)
}

/// Records what the calling thread writes to a standard stream.
///
/// # Safety
/// The GIL is held.
pub unsafe fn output(flags: u8, (tag, bits): (u8, u64)) {
    flagged(ops::OUTPUT, 0, flags, tag, bits);
}

/// As `event`, for what may have no scheduling point of its own: then one lies before its record.
///
/// # Safety
/// The GIL is held, and nothing is borrowed that another thread may want.
pub unsafe fn emit(op: u8, object: u32, outcome: u8, value: impl FnOnce() -> (u8, u64)) -> u64 {
    if !recording() {
        return 0;
    }
    if !gate::passed() {
        gate::before(op, object, 0);
    }
    let (tag, bits) = value();
    event(op, object, outcome, tag, bits)
}

/// Records that the calling thread has ended, by an exception of that type, a string value, that was
/// raised at the site.
///
/// # Safety
/// The GIL is held.
pub unsafe fn failed(thread: u32, name: (u8, u64), site: u32) -> u64 {
    let buf = buffer::current();
    if buf.is_null() {
        return 0;
    }
    identity::mention(thread);
    let made = Made::new(ops::END, thread, site, name, outcome::RAISED << 4);
    push(&mut *buf, made)
}

/// Writes one record of the calling thread, and tells the controller.
#[inline(always)]
unsafe fn push(buf: &mut Buffer, made: Made) -> u64 {
    let seq = buf.push(made);
    gate::recorded(Made { seq, ..made });
    seq
}
