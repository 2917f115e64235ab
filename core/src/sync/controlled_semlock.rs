//! multiprocessing's locks and semaphores under control: try; if it fails, wait for a release in any
//! process; try again.

use super::semaphores::{attempt, granted, interrupted, refused, request, Tracked};
use crate::control::page::key;
use crate::control::{self, Wait, Woken};
use crate::ops;
use crate::record::gate;
use crate::replay;
use pyo3::ffi;
use pyo3::Python;
use std::ffi::CStr;
use std::ptr::null_mut;

type Object = *mut ffi::PyObject;

/// How an acquire may wait.
#[derive(Clone, Copy)]
pub enum Patience {
    None,
    /// So many seconds.
    Bounded(f64),
    Forever,
}

/// What waits for the semaphore waits for. Processes that were forked have it at one address; those
/// that were not know it by its name.
unsafe fn key_of(lock: Object) -> u64 {
    let attribute = |name: &CStr| ffi::PyObject_GetAttrString(lock, name.as_ptr());
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
        crate::record::stripes::hash(bytes)
    };
    ffi::Py_XDECREF(name);
    ffi::PyErr_Clear();
    key::semaphore(identity)
}

/// `acquire` of a controlled thread.
pub unsafe fn acquire(
    py: Python<'_>,
    lock: Object,
    known: Option<Tracked>,
    patience: Patience,
) -> Object {
    let bounded = matches!(patience, Patience::Bounded(_));
    let waits = !matches!(patience, Patience::None);
    let deadline = match patience {
        Patience::Bounded(seconds) => {
            Some(control::now().saturating_add((seconds.max(0.0) * 1e9) as u64))
        }
        _ => None,
    };
    if let Some(known) = known {
        gate::before(py, ops::ACQUIRE, known.object, 0);
    }
    let mut asked = false;
    loop {
        if let Some(known) = known {
            // Another process may have released it while this one asked.
            if waits && !asked && replay::expects(py, ops::REQUEST) {
                asked = true;
                request(py, known, bounded);
                gate::before(py, ops::ACQUIRE, known.object, 0);
            }
            if replay::expects_refusal(py, ops::ACQUIRE) {
                refused(py, known, waits);
                return ffi::Py_NewRef(ffi::Py_False());
            }
        } else if replay::finds_full(py) {
            // A queue that has room by now, or still.
            return ffi::Py_NewRef(ffi::Py_False());
        }
        let taken = attempt(py, lock);
        if taken.is_null() {
            return taken;
        }
        if taken == ffi::Py_True() {
            if let Some(known) = known {
                granted(py, lock, known);
            }
            return taken;
        }
        if !waits {
            if let Some(known) = known {
                refused(py, known, false);
            }
            return taken;
        }
        if let Some(known) = known.filter(|_| !asked) {
            asked = true;
            request(py, known, bounded);
        }
        let wait = Wait {
            key: key_of(lock),
            deadline,
            op: known.map_or(0, |_| ops::ACQUIRE),
            ..Wait::default()
        };
        match control::block(py, wait) {
            Woken::TimedOut => {
                if let Some(known) = known {
                    refused(py, known, true);
                }
                return taken;
            }
            Woken::Interrupted if ffi::PyErr_CheckSignals() < 0 => {
                ffi::Py_DECREF(taken);
                if let Some(known) = known {
                    interrupted(py, known);
                }
                return null_mut();
            }
            _ => ffi::Py_DECREF(taken),
        }
    }
}

/// Before a release: a scheduling point, if the program can tell.
pub fn before_release(py: Python<'_>, known: Option<Tracked>) {
    if let Some(known) = known {
        gate::before(py, ops::RELEASE, known.object, 0);
    }
}

/// After a release: who waits may try again, in whatever process.
pub unsafe fn released(py: Python<'_>, lock: Object) {
    control::wake(py, key_of(lock));
}
