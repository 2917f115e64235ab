//! Hashes of objects that have none of their own. CPython makes them of addresses, which are others
//! in each run, and so is the order of a set. Ours are numbers: an object is the n-th of its type
//! that a thread has hashed.
//!
//! Objects of types that are older than this keep theirs: some are in sets and dicts already.

use super::{buffer, threads, weak_deaths};
use crate::cpython::deaths;
use crate::cpython::slots::{self, Hash};
use crate::gil::{Gil, GilMut};
use crate::reserve::Table;
use pyo3::ffi;
use pyo3::Python;
use rustc_hash::{FxHashMap, FxHasher};
use std::ffi::CStr;
use std::hash::Hasher;

type Object = *mut ffi::PyObject;

#[derive(Default)]
struct Tables {
    /// By address, of objects that live.
    hashes: FxHashMap<usize, ffi::Py_hash_t>,
    /// How many objects have got one, by what theirs begin with.
    counts: FxHashMap<u64, u64>,
}

static TABLES: Gil<Option<Tables>> = Gil::new(None);
static ORIGINAL: Gil<Option<Hash>> = Gil::new(None);

fn tables(py: Python<'_>) -> GilMut<'_, Tables> {
    TABLES.get_or_insert_with(py, Tables::default)
}

unsafe extern "C" fn hash(object: Object) -> ffi::Py_hash_t {
    let py = Python::assume_attached();
    let known = tables(py).hashes.get(&(object as usize)).copied();
    match known {
        Some(known) => known,
        None => first(py, object),
    }
}

#[cold]
unsafe fn first(py: Python<'_>, object: Object) -> ffi::Py_hash_t {
    let kind = ffi::Py_TYPE(object);
    if !deaths::watches(kind) && !weak_deaths::watch(py, object) {
        return ORIGINAL.get(py).map_or(0, |original| original(object));
    }
    let mut hasher = FxHasher::default();
    let thread = threads::path(py, buffer::thread());
    hasher.write(thread.unwrap_or_default().as_bytes());
    hasher.write(CStr::from_ptr((*kind).tp_name).to_bytes());
    let base = hasher.finish();
    deaths::ask(py, object as usize);
    let tables = &mut *tables(py);
    tables.counts.spare();
    tables.hashes.spare();
    let count = tables.counts.entry(base).or_insert(0);
    *count += 1;
    let made = match base.wrapping_add(*count) as ffi::Py_hash_t {
        -1 => -2, // which says that it failed
        made => made,
    };
    tables.hashes.insert(object as usize, made);
    made
}

fn retire(py: Python<'_>, address: usize) {
    tables(py).hashes.remove(&address);
}

/// Types that are made from now on, and have no hash of their own, have ours; so have threads.
/// A second call does nothing.
pub fn install(py: Python<'_>) {
    let object = &raw mut ffi::PyBaseObject_Type;
    if ORIGINAL.copied(py).is_some() {
        return;
    }
    // SAFETY: the GIL is held; what is put in has the form of what it replaces.
    unsafe {
        let Some(original) = slots::hash(object) else {
            return;
        };
        deaths::listen(py, retire);
        ORIGINAL.set(py, Some(original));
        slots::replace_hash(object, original, hash);
        let threading = ffi::PyImport_ImportModule(c"threading".as_ptr());
        for name in [c"Thread", c"Timer", c"Event", c"Condition", c"Semaphore"] {
            let kind = match threading.is_null() {
                true => threading,
                false => ffi::PyObject_GetAttrString(threading, name.as_ptr()),
            };
            if !kind.is_null() && ffi::PyType_Check(kind) != 0 {
                slots::replace_hash(kind.cast(), original, hash);
            }
            ffi::Py_XDECREF(kind);
            ffi::PyErr_Clear();
        }
        ffi::Py_XDECREF(threading);
    }
}
