//! `os.read` of pipes, sockets and terminals: how much is read at once. What comes through pipes of the
//! program's own has events of its own (`channels`).

use super::steps::{failed, raise, step, turn, Told};
use super::{is_recorded, Object};
use crate::channels;
use crate::cpython::methods::{replace, Fast};
use crate::gil::Gil;
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

/// Puts the function in the place of CPython's and of control's; a second call does nothing.
///
/// # Safety
/// The GIL is held.
pub unsafe fn install() {
    if (*READ.get()).is_some() {
        return;
    }
    let posix = ffi::PyImport_ImportModule(c"posix".as_ptr());
    replace::<Fast>(posix, c"read", ffi::METH_FASTCALL, &READ, read);
    ffi::PyErr_Clear();
}
