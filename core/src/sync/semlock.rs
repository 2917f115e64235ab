//! The locks and semaphores of multiprocessing. All are one C type, `_multiprocessing.SemLock`; as
//! with the locks of threads, what is replaced are the functions behind its methods. A process has
//! a SemLock of its own for each semaphore of the system; what they share is the object's number.

use super::acquire::{acquire, Acquired, Patience};
use super::semaphores::{
    number, originals, tracked, Kind, Originals, Semaphore, Tracked, LOCKS, ORIGINAL,
};
use crate::control;
use crate::cpython::deaths;
use crate::cpython::methods::{self, exchange, function, Fast, FastWithKeywords, TwoArguments};
use crate::ops::{self, outcome};
use crate::record::{self, gate, identity, values};
use pyo3::ffi;
use pyo3::prelude::*;
use rustc_hash::FxHashMap;
use std::ffi::CStr;
use std::ptr::null_mut;

type Object = *mut ffi::PyObject;

/// Replaces the functions; a second call does nothing.
#[pyfunction]
fn install_semlock(py: Python<'_>) -> PyResult<()> {
    // SAFETY: what is put in has the form of what it replaces.
    unsafe {
        if ORIGINAL.get(py).is_some() {
            return Ok(());
        }
        let kind = py.import("_multiprocessing")?.getattr("SemLock")?.unbind();
        // Kept for ever: its slots and methods point into this library from now on.
        let kind = kind.into_ptr();
        deaths::watch(kind.cast());
        let find = |name: &CStr| {
            methods::find(kind, name).ok_or_else(|| {
                pyo3::exceptions::PyRuntimeError::new_err("SemLock is not what it was")
            })
        };
        let (acquire, release) = (find(c"acquire")?, find(c"release")?);
        let (enter, exit) = (find(c"__enter__")?, find(c"__exit__")?);
        let is_mine = function(find(c"_is_mine")?);
        let count = function(find(c"_count")?);
        let value = function(find(c"_get_value")?);
        *ORIGINAL.get(py) = Some(Originals {
            acquire: exchange::<FastWithKeywords>(acquire, recorded_acquire),
            release: exchange::<TwoArguments>(release, recorded_release),
            enter: exchange::<TwoArguments>(enter, recorded_enter),
            exit: exchange::<Fast>(exit, recorded_exit),
            is_mine,
            count,
            value,
        });
    }
    Ok(())
}

/// From now on this SemLock is recorded, as the object with this number. Releases above `most`
/// fail.
#[pyfunction]
fn track_semlock(py: Python<'_>, lock: &Bound<'_, PyAny>, number: u32, kind: &str, most: i64) {
    let kind = match kind {
        "Lock" => Kind::Lock,
        "RLock" => Kind::RLock,
        _ => Kind::Semaphore,
    };
    let tracked = Tracked {
        object: number,
        kind,
        most,
    };
    // SAFETY: the objects are live.
    unsafe {
        identity::bind(py, lock.as_ptr(), number);
        let mut locks = LOCKS.get_or_insert_with(py, FxHashMap::default);
        locks.insert(lock.as_ptr() as usize, tracked);
    }
}

/// The arguments of a call of `acquire(block=True, timeout=None)`; null: not given.
unsafe fn parse(arguments: *const Object, given: isize, names: Object) -> (Object, Object) {
    let (mut block, mut timeout) = (null_mut(), null_mut());
    if given > 0 {
        block = *arguments;
    }
    if given > 1 {
        timeout = *arguments.add(1);
    }
    let named = if names.is_null() {
        0
    } else {
        ffi::PyTuple_Size(names)
    };
    for i in 0..named {
        let value = *arguments.offset(given + i);
        let name = ffi::PyTuple_GetItem(names, i);
        if ffi::PyUnicode_CompareWithASCIIString(name, c"block".as_ptr()) == 0 {
            block = value;
        } else if ffi::PyUnicode_CompareWithASCIIString(name, c"timeout".as_ptr()) == 0 {
            timeout = value;
        }
    }
    (block, timeout)
}

/// How such a call may wait.
unsafe fn patience(block: Object, timeout: Object) -> Patience {
    let kind = |object: Object| ffi::Py_TYPE(object);
    if !block.is_null() {
        let kind = kind(block);
        if kind != &raw mut ffi::PyBool_Type && kind != &raw mut ffi::PyLong_Type {
            return Patience::Unknown;
        }
        if ffi::PyObject_IsTrue(block) == 0 {
            return Patience::None;
        }
    }
    if timeout.is_null() || timeout == ffi::Py_None() {
        return Patience::Forever;
    }
    let kind = kind(timeout);
    if kind != &raw mut ffi::PyFloat_Type && kind != &raw mut ffi::PyLong_Type {
        return Patience::Unknown;
    }
    let seconds = ffi::PyFloat_AsDouble(timeout);
    if !ffi::PyErr_Occurred().is_null() {
        ffi::PyErr_Clear();
        return Patience::Unknown;
    }
    Patience::Bounded(seconds)
}

unsafe fn semaphore(py: Python<'_>, lock: Object) -> Semaphore {
    let known = tracked(py, lock);
    Semaphore { lock, known }
}

unsafe extern "C-unwind" fn recorded_acquire(
    lock: Object,
    arguments: *const Object,
    given: isize,
    names: Object,
) -> Object {
    let py = Python::assume_attached();
    let original = || (originals(py).acquire)(lock, arguments, given, names);
    let patience = || {
        let (block, timeout) = parse(arguments, given, names);
        patience(block, timeout)
    };
    acquire(py, &semaphore(py, lock), patience, original)
}

unsafe extern "C-unwind" fn recorded_enter(lock: Object, unused: Object) -> Object {
    let py = Python::assume_attached();
    let original = || (originals(py).enter)(lock, unused);
    acquire(py, &semaphore(py, lock), || Patience::Forever, original)
}

/// Records a release that is about to succeed: before it, so that no acquire it allows is earlier.
unsafe fn releasing(py: Python<'_>, lock: Object, known: Tracked) {
    let (tag, bits) = match known.kind {
        Kind::RLock => {
            let mine = (originals(py).is_mine)(lock, null_mut());
            let is_mine = mine == ffi::Py_True();
            ffi::Py_XDECREF(mine);
            if !is_mine {
                return;
            }
            let left = number((originals(py).count)(lock, null_mut())) - 1;
            (values::INT, left as u64)
        }
        kind => {
            if number((originals(py).value)(lock, null_mut())) >= known.most {
                return;
            }
            match kind {
                Kind::Semaphore => (values::TRUE, 0),
                _ => (values::ABSENT, 0),
            }
        }
    };
    record::event(py, ops::RELEASE, known.object, outcome::OK, tag, bits);
}

unsafe fn release(py: Python<'_>, lock: Object, original: impl Fn() -> Object) -> Object {
    let it = semaphore(py, lock);
    if let Some(known) = it.known {
        gate::before(py, ops::RELEASE, known.object, 0);
        releasing(py, lock, known);
    }
    let done = original();
    if control::controlled() && !done.is_null() {
        // Who waits may try again, in whatever process.
        control::wake(py, it.key());
    }
    done
}

unsafe extern "C-unwind" fn recorded_release(lock: Object, unused: Object) -> Object {
    let py = Python::assume_attached();
    release(py, lock, || (originals(py).release)(lock, unused))
}

unsafe extern "C-unwind" fn recorded_exit(
    lock: Object,
    arguments: *const Object,
    given: isize,
) -> Object {
    let py = Python::assume_attached();
    release(py, lock, || (originals(py).exit)(lock, arguments, given))
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(install_semlock, m)?)?;
    m.add_function(wrap_pyfunction!(track_semlock, m)?)
}
