//! `os.read` of pipes, sockets and terminals: how much is read at once; and the descriptors that pipes
//! get. What comes through pipes of the program's own has events of its own (`channels`).

use super::sockets::renumbered;
use super::steps::{failed, raise, step, turn, Told};
use super::{is_recorded, Object};
use crate::channels;
use crate::cpython::methods::{replace, Fast, TwoArguments};
use crate::gil::Gil;
use crate::ops;
use crate::record::askers::{Asker, Askers};
use crate::record::{self, alone, uses};
use crate::replay;
use crate::schedule::{self, descriptor, Readiness};
use pyo3::ffi;
use std::ptr::null_mut;

static READ: Gil<Option<Fast>> = Gil::new(None);

/// Whether what can be read there comes bit by bit.
unsafe fn is_stream(fd: i32) -> bool {
    let mut stat: libc::stat = std::mem::zeroed();
    libc::fstat(fd, &mut stat) == 0
        && match stat.st_mode & libc::S_IFMT {
            libc::S_IFIFO | libc::S_IFSOCK => true,
            libc::S_IFCHR => fd != 0 && libc::isatty(fd) == 1,
            _ => false,
        }
}

unsafe extern "C-unwind" fn read(module: Object, given: *const Object, count: isize) -> Object {
    let Some(original) = *READ.get() else {
        return null_mut();
    };
    let fd = descriptor(given, count).filter(|&fd| count == 2 && is_recorded() && is_stream(fd));
    let Some(fd) = fd else {
        return original(module, given, count);
    };
    let at_most = |amount: usize| {
        if schedule::await_amount(fd, amount) == Readiness::Raised {
            return null_mut();
        }
        let size = ffi::PyLong_FromSize_t(amount.max(1));
        let result = original(module, [*given, size].as_ptr(), 2);
        ffi::Py_XDECREF(size);
        result
    };
    if channels::is_channel(fd) {
        return match channels::received_count() {
            Some(amount) => at_most(amount),
            None => original(module, given, count),
        };
    }
    let result = match turn("read") {
        Some(Told::Came(amount)) => at_most(amount.parse().unwrap_or(0)),
        Some(told) => raise(told == Told::Late),
        None => original(module, given, count),
    };
    match result.is_null() {
        true => failed("read"),
        false => step("read", &ffi::PyBytes_Size(result).to_string()),
    }
    result
}

/// What multiprocessing makes has events of its own.
static ASKERS: Askers =
    Askers::new(
        |file| match file.windows(17).any(|part| part == b"/multiprocessing/") {
            true => Asker::Other,
            false => Asker::Program,
        },
    );

/// Whether others may make descriptors meanwhile, so that it is chance which numbers a pipe gets.
unsafe fn is_chance() -> bool {
    let has_step = match replay::exactly() {
        true => replay::comes(ops::STEP, uses::object(MADE)),
        false => record::recording() && alone::has_company(),
    };
    has_step && ASKERS.asked_by_program()
}

const MADE: &str = "pipe";

/// A pipe, which has the descriptors of the recording if these are free.
unsafe fn made(call: impl FnOnce() -> Object) -> Object {
    if !is_chance() {
        return call();
    }
    let told = turn(MADE);
    let result = call();
    if result.is_null() {
        failed(MADE);
        return result;
    }
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
    step(MADE, &format!("{} {}", now[0], now[1]));
    if now == ends {
        return result;
    }
    ffi::Py_DECREF(result);
    ffi::Py_BuildValue(c"(ii)".as_ptr(), now[0], now[1])
}

macro_rules! making {
    ($name:ident, $original:ident) => {
        static $original: Gil<Option<TwoArguments>> = Gil::new(None);

        unsafe extern "C-unwind" fn $name(module: Object, argument: Object) -> Object {
            match *$original.get() {
                Some(original) => made(|| original(module, argument)),
                None => null_mut(),
            }
        }
    };
}

making!(pipe, PIPE);
making!(pipe2, PIPE2);

/// Puts the functions in the place of CPython's and of control's; a second call does nothing.
///
/// # Safety
/// The GIL is held.
pub unsafe fn install() {
    if (*READ.get()).is_some() {
        return;
    }
    let posix = ffi::PyImport_ImportModule(c"posix".as_ptr());
    replace::<Fast>(posix, c"read", ffi::METH_FASTCALL, &READ, read);
    replace::<TwoArguments>(posix, c"pipe", ffi::METH_NOARGS, &PIPE, pipe);
    replace::<TwoArguments>(posix, c"pipe2", ffi::METH_O, &PIPE2, pipe2);
    ffi::PyErr_Clear();
}
