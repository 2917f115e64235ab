//! The semaphores of multiprocessing that are recorded, and what is recorded of their being taken.

use super::acquire::Acquired;
use crate::control::page::key;
use crate::cpython::methods::{Fast, FastWithKeywords, TwoArguments};
use crate::gil::Gil;
use crate::ops::{self, outcome};
use crate::record::{self, identity, stripes, values};
use pyo3::ffi;
use pyo3::Python;
use rustc_hash::FxHashMap;
use std::ffi::CStr;
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

/// One that is to be taken.
pub struct Semaphore {
    pub lock: Object,
    pub known: Option<Tracked>,
}

impl Acquired for Semaphore {
    /// A queue has one for the room in it.
    const PART_OF: u8 = ops::PUT;

    unsafe fn object(&self, _: Python<'_>) -> Option<u32> {
        self.known.map(|known| known.object)
    }

    unsafe fn attempt(&self, py: Python<'_>) -> Object {
        let arguments = [ffi::Py_False()];
        (originals(py).acquire)(self.lock, arguments.as_ptr(), 1, null_mut())
    }

    unsafe fn granted(&self, py: Python<'_>, _: Option<u32>) {
        let Some(known) = self.known else { return };
        let (tag, bits) = match known.kind {
            Kind::Lock => (values::ABSENT, 0),
            Kind::RLock => {
                let depth = number((originals(py).count)(self.lock, null_mut()));
                (values::INT, depth as u64)
            }
            // Which release let it in is not known.
            Kind::Semaphore => (values::TRUE, 0),
        };
        record::event(py, ops::ACQUIRE, known.object, outcome::OK, tag, bits);
    }

    /// Processes that were forked have it at one address; those that were not know it by its name.
    unsafe fn key(&self) -> u64 {
        let attribute = |name: &CStr| ffi::PyObject_GetAttrString(self.lock, name.as_ptr());
        let name = attribute(c"name");
        let mut size = 0;
        let text = match name.is_null() || ffi::PyUnicode_Check(name) == 0 {
            true => std::ptr::null(),
            false => ffi::PyUnicode_AsUTF8AndSize(name, &mut size),
        };
        let identity = if text.is_null() {
            let handle = attribute(c"handle");
            let address = ffi::PyLong_AsUnsignedLongLongMask(handle);
            ffi::Py_XDECREF(handle);
            address
        } else {
            let bytes = std::slice::from_raw_parts(text.cast::<u8>(), size as usize);
            stripes::hash(bytes)
        };
        ffi::Py_XDECREF(name);
        ffi::PyErr_Clear();
        key::semaphore(identity)
    }
}
