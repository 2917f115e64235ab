//! The semaphores of multiprocessing that are recorded, and what is recorded of their being taken.

use crate::cpython::methods::{Fast, FastWithKeywords, TwoArguments};
use crate::gil::Gil;
use crate::ops::{self, outcome};
use crate::record::{self, identity, values};
use pyo3::ffi;
use rustc_hash::FxHashMap;
use std::ptr::null_mut;

type Object = *mut ffi::PyObject;

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
pub unsafe fn tracked(lock: Object) -> Option<Tracked> {
    if !record::recording() {
        return None;
    }
    LOCKS.get().as_ref()?.get(&(lock as usize)).copied()
}

/// Called when a numbered object dies.
pub unsafe fn retire(address: usize) {
    if let Some(locks) = LOCKS.get() {
        locks.remove(&address);
    }
}

/// At the start of a recording: numbers the program's locks that are older than it.
///
/// # Safety
/// The GIL is held; the identity tables are fresh.
pub unsafe fn number_older() {
    let Some(locks) = LOCKS.get().as_mut() else {
        return;
    };
    for (&address, known) in locks {
        let kind = match known.kind {
            Kind::Lock => "Lock",
            Kind::RLock => "RLock",
            Kind::Semaphore => "Semaphore",
        };
        known.object = identity::define_here(kind, "");
        identity::share(known.object, "");
        identity::bind(address as Object, known.object);
    }
}

pub unsafe fn originals() -> &'static Originals {
    ORIGINAL.get().as_ref().expect("installed")
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

pub unsafe fn granted(lock: Object, known: Tracked) {
    let (tag, bits) = match known.kind {
        Kind::Lock => (values::ABSENT, 0),
        Kind::RLock => {
            let depth = number((originals().count)(lock, null_mut()));
            (values::INT, depth as u64)
        }
        // Which release let it in is not known.
        Kind::Semaphore => (values::TRUE, 0),
    };
    record::event(ops::ACQUIRE, known.object, outcome::OK, tag, bits);
}

pub unsafe fn request(known: Tracked, bounded: bool) {
    let (tag, bits) = values::text(b"acquire");
    let how = if bounded {
        outcome::BOUNDED
    } else {
        outcome::OK
    };
    record::event(ops::REQUEST, known.object, how, tag, bits);
}

/// Tries without waiting: a new reference to True or False, or null with an exception.
pub unsafe fn attempt(lock: Object) -> Object {
    let arguments = [ffi::Py_False()];
    (originals().acquire)(lock, arguments.as_ptr(), 1, null_mut())
}

pub unsafe fn refused(known: Tracked, waited: bool) {
    let how = match waited {
        true => outcome::TIMED_OUT,
        false => outcome::WOULD_BLOCK,
    };
    record::event(ops::ACQUIRE, known.object, how, values::ABSENT, 0);
}

pub unsafe fn interrupted(known: Tracked) {
    record::event(
        ops::ACQUIRE,
        known.object,
        outcome::INTERRUPTED,
        values::ABSENT,
        0,
    );
}
