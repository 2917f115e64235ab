//! Signals that the program itself sends to processes of the run, its own as well: each is a TERMINATE of the
//! process, whose value is the signal's number. What multiprocessing sends is recorded there.

use super::ends::asked_by_multiprocessing;
use super::{children, int, Object};
use crate::control::idents;
use crate::cpython::methods::{replace, Fast, TwoArguments};
use crate::gil::Gil;
use crate::ops::{self, outcome};
use crate::record::buffer::MAIN_THREAD;
use crate::record::{self, gate, threads, values};
use pyo3::ffi;
use pyo3::Python;
use std::ptr::null_mut;

static RAISE_SIGNAL: Gil<Option<TwoArguments>> = Gil::new(None);
static PTHREAD_KILL: Gil<Option<Fast>> = Gil::new(None);

/// Records that the signal is about to be sent; `pid` is the system's, of a group if it is not positive.
pub fn sent(py: Python<'_>, pid: i32, number: i32) {
    // With 0 it is only asked whether the process is there.
    if number <= 0 || !record::recording() || asked_by_multiprocessing(py) {
        return;
    }
    for object in receivers(py, pid) {
        gate::before(py, ops::TERMINATE, object, 0);
        let number = u64::from(number.unsigned_abs());
        record::event(py, ops::TERMINATE, object, outcome::OK, values::INT, number);
    }
}

/// The objects of the processes that get it, as far as they are this one and its children; this one comes last.
fn receivers(py: Python<'_>, pid: i32) -> Vec<u32> {
    // SAFETY: the calls get numbers alone.
    let (own, group) = unsafe { (libc::getpid(), libc::getpgrp()) };
    let gets = |one: i32| match pid {
        1.. => one == pid,
        // SAFETY: as above.
        0 => unsafe { libc::getpgid(one) == group },
        // SAFETY: as above.
        _ => unsafe { libc::getpgid(one) == -pid },
    };
    let mut found: Vec<(i32, u32)> = children(py)
        .iter()
        .map(|(&child, &object)| (child, object))
        .filter(|&(child, _)| gets(child))
        .collect();
    found.sort_unstable_by_key(|&(_, object)| object);
    if gets(own) {
        found.push((own, threads::object(py, MAIN_THREAD)));
    }
    found.into_iter().map(|(_, object)| object).collect()
}

fn to_itself(py: Python<'_>, number: Option<i32>) {
    // SAFETY: the call gets nothing.
    let own = unsafe { libc::getpid() };
    if let Some(number) = number {
        sent(py, own, number);
    }
}

unsafe extern "C-unwind" fn raise_signal(module: Object, number: Object) -> Object {
    let py = Python::assume_attached();
    let Some(original) = RAISE_SIGNAL.copied(py) else {
        return null_mut();
    };
    to_itself(py, int(&raw const number, 1, 0));
    original(module, number)
}

unsafe extern "C-unwind" fn pthread_kill(
    module: Object,
    given: *const Object,
    count: isize,
) -> Object {
    let py = Python::assume_attached();
    let Some(original) = PTHREAD_KILL.copied(py) else {
        return null_mut();
    };
    if count != 2 {
        return original(module, given, count);
    }
    to_itself(py, int(given, count, 1));
    let arguments = [idents::meant(*given), *given.add(1)];
    let result = original(module, arguments.as_ptr(), count);
    ffi::Py_DECREF(arguments[0]);
    result
}

/// Replaces the functions.
pub unsafe fn install(py: Python<'_>) {
    let module = ffi::PyImport_ImportModule(c"_signal".as_ptr());
    let one = ffi::METH_O;
    replace::<TwoArguments>(
        py,
        module,
        c"raise_signal",
        one,
        &RAISE_SIGNAL,
        raise_signal,
    );
    let two = ffi::METH_FASTCALL;
    replace::<Fast>(
        py,
        module,
        c"pthread_kill",
        two,
        &PTHREAD_KILL,
        pthread_kill,
    );
    ffi::Py_XDECREF(module);
    ffi::PyErr_Clear();
}
