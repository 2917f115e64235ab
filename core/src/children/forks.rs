//! `os.fork` and `os.forkpty`.

use super::{insert, item, tell_known, Object};
use crate::control::{pids, processes};
use crate::cpython::methods::{replace, TwoArguments};
use crate::gil::Gil;
use pyo3::prelude::*;
use pyo3::{ffi, wrap_pyfunction};
use std::cell::Cell;

static FORK: Gil<Option<TwoArguments>> = Gil::new(None);
static FORKPTY: Gil<Option<TwoArguments>> = Gil::new(None);

thread_local! {
    /// The object of the child that this thread is forking.
    static FORKING: Cell<u32> = const { Cell::new(0) };
}

fn forked(py: Python<'_>, pid: Option<i32>) {
    let object = FORKING.take();
    processes::forked(py, pid.map(|pid| pid as u32));

    if let Some(pid) = pid.filter(|pid| *pid > 0 && object != 0) {
        insert(py, pid, object, "fork");
    }
}

unsafe extern "C-unwind" fn fork(module: Object, unused: Object) -> Object {
    let py = Python::assume_attached();
    let Some(original) = FORK.copied(py) else {
        return std::ptr::null_mut();
    };
    let result = original(module, unused);
    let pid = match result.is_null() {
        true => None,
        false => i32::try_from(ffi::PyLong_AsLong(result)).ok(),
    };
    forked(py, pid);
    match pid.filter(|&pid| pids::known(pid) != pid) {
        Some(pid) => {
            ffi::Py_DECREF(result);
            ffi::PyLong_FromLong(pids::known(pid).into())
        }
        None => result,
    }
}

unsafe extern "C-unwind" fn forkpty(module: Object, unused: Object) -> Object {
    let py = Python::assume_attached();
    let Some(original) = FORKPTY.copied(py) else {
        return std::ptr::null_mut();
    };
    let result = original(module, unused);
    forked(
        py,
        match result.is_null() {
            true => None,
            false => item(result, 0),
        },
    );
    tell_known(result);
    result
}

pub fn are_installed(py: Python<'_>) -> bool {
    FORK.copied(py).is_some()
}

/// Replaces the functions.
pub unsafe fn install(py: Python<'_>, module: Object) {
    replace::<TwoArguments>(py, module, c"fork", ffi::METH_NOARGS, &FORK, fork);
    replace::<TwoArguments>(py, module, c"forkpty", ffi::METH_NOARGS, &FORKPTY, forkpty);
}

/// The fork that the calling thread is in makes the process of this object.
#[pyfunction]
fn forking(number: u32) {
    FORKING.set(number);
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(forking, m)?)
}
