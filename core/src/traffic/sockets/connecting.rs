//! Calls that connect and bind.

use super::{known, one_by_one};
use crate::control::ports;
use crate::gil::Gil;
use crate::traffic::addresses::{self, Ask};
use crate::traffic::steps::{failed, step, told, turn, Told};
use crate::traffic::{Object, TwoArguments};
use pyo3::ffi;
use pyo3::Python;
use std::ptr::null_mut;

/// Of a call that connects whether it failed for good; no exception may come of it.
unsafe fn refused(result: Object) -> Option<i32> {
    let number = if !result.is_null() {
        match ffi::PyLong_Check(result) {
            0 => 0,
            _ => ffi::PyLong_AsLong(result) as i32,
        }
    } else {
        let (mut kind, mut error, mut trace) = Default::default();
        ffi::PyErr_Fetch(&mut kind, &mut error, &mut trace);
        ffi::PyErr_NormalizeException(&mut kind, &mut error, &mut trace);
        let number = match error.is_null() {
            true => null_mut(),
            false => ffi::PyObject_GetAttrString(error, c"errno".as_ptr()),
        };
        let found = match number.is_null() || ffi::PyLong_Check(number) == 0 {
            true => 0,
            false => ffi::PyLong_AsLong(number) as i32,
        };
        ffi::Py_XDECREF(number);
        ffi::PyErr_Clear();
        ffi::PyErr_Restore(kind, error, trace);
        found
    };
    (!matches!(number, 0 | libc::EINPROGRESS | libc::EAGAIN)).then_some(number)
}

unsafe fn connecting(
    py: Python<'_>,
    socket: Object,
    address: Object,
    original: TwoArguments,
    raises: bool,
) -> Object {
    let address = addresses::meant(address);
    let call = || original(socket, address);
    let result = if known(py, socket).is_none() {
        call()
    } else {
        turn(py, "connect");
        let mut foretold = false;
        let result = one_by_one(py, "connect", || match told(py, "refused") {
            Some(Told::Came(number)) => {
                foretold = true;
                refuse(py, number.parse().unwrap_or(libc::ECONNREFUSED), raises)
            }
            _ => call(),
        });
        if let Some(number) = refused(result) {
            if !foretold {
                turn(py, "refused");
            }
            step(py, "refused", &number.to_string());
        }
        result
    };
    ffi::Py_DECREF(address);
    result
}

/// The connection fails as it did in the recording.
fn refuse(_: Python<'_>, number: i32, raises: bool) -> Object {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        if !raises {
            return ffi::PyLong_FromLong(number.into());
        }
        *libc::__errno_location() = number;
        ffi::PyErr_SetFromErrno(ffi::PyExc_OSError)
    }
}

method!(
    connect,
    CONNECT,
    |py, socket, address, original| connecting(py, socket, address, original, true)
);
method!(connect_ex, CONNECT_EX, |py, socket, address, original| {
    connecting(py, socket, address, original, false)
});

/// A port that the system has chosen is, if it can be, that of the recording, so that programs that are
/// told it find it.
unsafe fn bound(
    py: Python<'_>,
    socket: Object,
    fd: i32,
    address: Object,
    original: TwoArguments,
) -> Object {
    let told = match turn(py, "bind") {
        Some(Told::Came(port)) => port.parse().ok(),
        _ => None,
    };
    let mut result = null_mut();
    if let Some(port) = told.filter(|&port: &u16| port != 0) {
        let again = set_reuse(fd, 1);
        let same = addresses::with_port(address, port);
        result = original(socket, same);
        ffi::Py_XDECREF(same);
        set_reuse(fd, again);
        if result.is_null() {
            ffi::PyErr_Clear();
        }
    }
    if result.is_null() {
        result = original(socket, address);
    }
    if result.is_null() {
        failed(py, "bind");
        return result;
    }
    let real = addresses::port(fd, libc::getsockname as Ask).unwrap_or(0);
    if let Some(known) = told {
        ports::pair(known, real);
    }
    step(py, "bind", &ports::known(real).to_string());
    result
}

/// Whether an address may be taken again at once; what it was.
fn set_reuse(fd: i32, to: libc::c_int) -> libc::c_int {
    let (level, name) = (libc::SOL_SOCKET, libc::SO_REUSEADDR);
    let mut was: libc::c_int = 0;
    let mut size = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: the call keeps nothing that it is given.
    unsafe {
        libc::getsockopt(fd, level, name, (&raw mut was).cast(), &raw mut size);
        libc::setsockopt(fd, level, name, (&raw const to).cast(), size);
    }

    was
}

method!(bind, BIND, |py, socket, address, original| {
    match known(py, socket).filter(|_| addresses::port_in(address) == Some(0)) {
        Some(fd) => bound(py, socket, fd, address, original),
        None => original(socket, address),
    }
});
