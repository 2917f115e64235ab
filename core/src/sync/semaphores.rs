//! The semaphores of multiprocessing that are recorded, and what is recorded of their being taken.

use crate::cpython::methods::{Fast, FastWithKeywords, TwoArguments};
use crate::gil::Gil;
use crate::ops::{self, outcome};
use crate::record::{self, identity, values};
use pyo3::ffi;
use pyo3::Python;
use rustc_hash::FxHashMap;
use std::ptr::null_mut;

type Object = *mut ffi::PyObject;

#[derive(Clone, Copy)]
pub struct Originals {
    pub acquire: FastWithKeywords,
    pub release: TwoArguments,
    pub enter: TwoArguments,
    pub exit: Fast,
    pub is_mine: TwoArguments,
    pub count: TwoArguments,
    pub value: TwoArguments,
}

pub static ORIGINAL: Gil<Option<Originals>> = Gil::new(None);

#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    Lock,
    RLock,
    Semaphore,
}

#[derive(Clone, Copy)]
pub struct Tracked {
    pub object: u32,
    pub kind: Kind,
    /// Releases above this fail.
    pub most: i64,
}

pub static LOCKS: Gil<Option<FxHashMap<usize, Tracked>>> = Gil::new(None);

#[inline(always)]
pub unsafe fn tracked(py: Python<'_>, lock: Object) -> Option<Tracked> {
    if !record::recording() {
        return None;
    }
    LOCKS.get_some(py)?.get(&(lock as usize)).copied()
}

/// Called when a numbered object dies.
pub fn retire(py: Python<'_>, address: usize) {
    if let Some(mut locks) = LOCKS.get_some(py) {
        locks.remove(&address);
    }
}

/// At the start of a recording: numbers the program's locks that are older than it.
///
/// The identity tables are fresh.
pub fn number_older(py: Python<'_>) {
    let Some(mut locks) = LOCKS.get_some(py) else {
        return;
    };
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        for (&address, known) in locks.iter_mut() {
            let kind = match known.kind {
                Kind::Lock => "Lock",
                Kind::RLock => "RLock",
                Kind::Semaphore => "Semaphore",
            };
            known.object = identity::define_here(py, kind, "");
            identity::share(py, known.object, "");
            identity::bind(py, address as Object, known.object);
        }
    }
}

pub fn originals(py: Python<'_>) -> Originals {
    ORIGINAL.copied(py).expect("installed")
}

pub unsafe fn number(made: Object) -> i64 {
    let value = if made.is_null() {
        -1
    } else {
        ffi::PyLong_AsLongLong(made)
    };
    ffi::Py_XDECREF(made);
    ffi::PyErr_Clear();
    value
}

pub unsafe fn granted(py: Python<'_>, lock: Object, known: Tracked) {
    let (tag, bits) = match known.kind {
        Kind::Lock => (values::ABSENT, 0),
        Kind::RLock => {
            let depth = number((originals(py).count)(lock, null_mut()));
            (values::INT, depth as u64)
        }
        // Which release let it in is not known.
        Kind::Semaphore => (values::TRUE, 0),
    };
    record::event(py, ops::ACQUIRE, known.object, outcome::OK, tag, bits);
}

pub fn request(py: Python<'_>, known: Tracked, bounded: bool) {
    let (tag, bits) = values::text(py, b"acquire");
    let how = if bounded {
        outcome::BOUNDED
    } else {
        outcome::OK
    };
    record::event(py, ops::REQUEST, known.object, how, tag, bits);
}

/// Tries without waiting: a new reference to True or False, or null with an exception.
pub unsafe fn attempt(py: Python<'_>, lock: Object) -> Object {
    let arguments = [ffi::Py_False()];
    (originals(py).acquire)(lock, arguments.as_ptr(), 1, null_mut())
}

pub fn refused(py: Python<'_>, known: Tracked, waited: bool) {
    let how = match waited {
        true => outcome::TIMED_OUT,
        false => outcome::WOULD_BLOCK,
    };
    record::event(py, ops::ACQUIRE, known.object, how, values::ABSENT, 0);
}

pub fn interrupted(py: Python<'_>, known: Tracked) {
    record::event(
        py,
        ops::ACQUIRE,
        known.object,
        outcome::INTERRUPTED,
        values::ABSENT,
        0,
    );
}
