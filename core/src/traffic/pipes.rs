//! `os.read` of pipes, sockets and terminals: how much is read at once; and the descriptors that pipes
//! get. What comes through pipes of the program's own has events of its own (`channels`).

use super::sockets::renumbered;
use super::steps::{failed, raise, step, turn, Told};
use super::{is_recorded, Object};
use crate::channels;
use crate::control::{self, descriptor, Readiness};
use crate::cpython::methods::{replace, Fast, TwoArguments};
use crate::gil::Gil;
use crate::ops;
use crate::record::askers::{Asker, Askers};
use crate::record::{self, alone, gate, uses};
use pyo3::ffi;
use pyo3::Python;
use std::ptr::null_mut;

static READ: Gil<Option<Fast>> = Gil::new(None);

/// Whether what can be read there comes bit by bit.
fn is_stream(fd: i32) -> bool {
    // SAFETY: zeros are a value of it, and it lives as long as the call takes.
    unsafe {
        let mut stat: libc::stat = std::mem::zeroed();
        libc::fstat(fd, &mut stat) == 0
            && match stat.st_mode & libc::S_IFMT {
                libc::S_IFIFO | libc::S_IFSOCK => true,
                libc::S_IFCHR => fd != 0 && libc::isatty(fd) == 1,
                _ => false,
            }
    }
}

unsafe extern "C-unwind" fn read(module: Object, given: *const Object, count: isize) -> Object {
    let py = Python::assume_attached();
    let Some(original) = READ.copied(py) else {
        return null_mut();
    };
    let fd = descriptor(given, count).filter(|&fd| count == 2 && is_recorded(py) && is_stream(fd));
    let Some(fd) = fd else {
        return original(module, given, count);
    };
    let at_most = |amount: usize| {
        if control::await_amount(py, fd, amount) == Readiness::Raised {
            return null_mut();
        }
        let size = ffi::PyLong_FromSize_t(amount.max(1));
        let result = original(module, [*given, size].as_ptr(), 2);
        ffi::Py_XDECREF(size);
        result
    };
    if channels::is_channel(py, fd) {
        return match channels::received_count(py) {
            Some(amount) => at_most(amount),
            None => original(module, given, count),
        };
    }
    let result = match turn(py, "read") {
        Some(Told::Came(amount)) => at_most(amount.parse().unwrap_or(0)),
        Some(told) => raise(py, told == Told::Late),
        None => original(module, given, count),
    };
    match result.is_null() {
        true => failed(py, "read"),
        false => step(py, "read", &ffi::PyBytes_Size(result).to_string()),
    }
    result
}

/// What multiprocessing makes has events of its own.
static ASKERS: Askers =
    Askers::new(
        |_, file| match file.windows(17).any(|part| part == b"/multiprocessing/") {
            true => Asker::Other,
            false => Asker::Program,
        },
    );

/// Whether others may make descriptors meanwhile, so that it is chance which numbers a pipe gets.
fn is_chance(py: Python<'_>) -> bool {
    let has_step = match gate::is_settled(py) {
        true => gate::next(py, ops::STEP, uses::object(py, MADE)).is_this(),
        false => record::recording() && alone::has_company(),
    };
    has_step && ASKERS.asked_by_program(py)
}

const MADE: &str = "pipe";

/// A pipe, which has the descriptors of the recording if these are free.
fn made(py: Python<'_>, call: impl FnOnce() -> Object) -> Object {
    if !is_chance(py) {
        return call();
    }
    let told = turn(py, MADE);
    let result = call();
    if result.is_null() {
        failed(py, MADE);
        return result;
    }
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        let ends = [0, 1].map(|at| ffi::PyLong_AsLong(ffi::PyTuple_GetItem(result, at)) as i32);
        let mut words = told.map_or("", Told::words).split(' ');
        let recorded = [0, 1].map(|_| words.next().and_then(|word| word.parse().ok()));
        let mut now = ends;
        // The one may lie where the other is to be.
        let order = match recorded[0] == Some(ends[1]) {
            true => [1, 0],
            false => [0, 1],
        };
        for at in order {
            now[at] = renumbered(ends[at], recorded[at]);
        }
        step(py, MADE, &format!("{} {}", now[0], now[1]));
        if now == ends {
            return result;
        }
        ffi::Py_DECREF(result);
        ffi::Py_BuildValue(c"(ii)".as_ptr(), now[0], now[1])
    }
}

macro_rules! making {
    ($name:ident, $original:ident) => {
        static $original: Gil<Option<TwoArguments>> = Gil::new(None);

        unsafe extern "C-unwind" fn $name(module: Object, argument: Object) -> Object {
            let py = Python::assume_attached();
            match $original.copied(py) {
                Some(original) => made(py, || original(module, argument)),
                None => null_mut(),
            }
        }
    };
}

making!(pipe, PIPE);
making!(pipe2, PIPE2);

/// Puts the functions in the place of CPython's and of control's; a second call does nothing.
pub fn install(py: Python<'_>) {
    if READ.copied(py).is_some() {
        return;
    }
    // SAFETY: the GIL is held; what is put in has the form of what it replaces.
    unsafe {
        let posix = ffi::PyImport_ImportModule(c"posix".as_ptr());
        replace::<Fast>(py, posix, c"read", ffi::METH_FASTCALL, &READ, read);
        replace::<TwoArguments>(py, posix, c"pipe", ffi::METH_NOARGS, &PIPE, pipe);
        replace::<TwoArguments>(py, posix, c"pipe2", ffi::METH_O, &PIPE2, pipe2);
        ffi::PyErr_Clear();
    }
}
