//! Sockets under control: what they send and receive.

use super::descriptors::{await_until, changed, descriptor, write_all, Readiness};
use super::slots::{mine, now};
use super::{processes, reach};
use crate::cpython::methods::{
    definition, function, reform, replace, Fast, TwoArguments, WithKeywords,
};
use crate::gil::Gil;
use pyo3::ffi;
use pyo3::Python;
use std::ptr::null_mut;

type Object = *mut ffi::PyObject;

static ACCEPT: Gil<Option<TwoArguments>> = Gil::new(None);
static CONNECT: Gil<Option<TwoArguments>> = Gil::new(None);
static CONNECT_EX: Gil<Option<TwoArguments>> = Gil::new(None);
static SEND: Gil<Option<TwoArguments>> = Gil::new(None);
static SENDALL: Gil<Option<TwoArguments>> = Gil::new(None);
static FILENO: Gil<Option<TwoArguments>> = Gil::new(None);
static GETTIMEOUT: Gil<Option<TwoArguments>> = Gil::new(None);

/// What a method of `_socket.socket` itself answers, whatever a class of the program's does.
unsafe fn asked(socket: Object, method: Option<TwoArguments>) -> Object {
    method.map_or(null_mut(), |method| method(socket, null_mut()))
}

/// The descriptor of a socket; None if it is closed.
///
/// # Safety
/// `install` was called.
pub unsafe fn handle(py: Python<'_>, socket: Object) -> Option<i32> {
    let number = asked(socket, FILENO.copied(py));
    let fd = descriptor(&raw const number, isize::from(!number.is_null()));
    ffi::Py_XDECREF(number);
    ffi::PyErr_Clear();
    fd
}

/// How long a call of the socket's may wait.
pub enum Patience {
    No,
    /// So many ns.
    For(u64),
    Forever,
}

/// How long the calls of a socket may wait, by its timeout.
///
/// # Safety
/// As for `handle`.
pub unsafe fn patience(py: Python<'_>, socket: Object) -> Patience {
    let timeout = asked(socket, GETTIMEOUT.copied(py));
    let patience = if timeout.is_null() {
        Patience::No
    } else if timeout == ffi::Py_None() {
        Patience::Forever
    } else {
        match ffi::PyFloat_AsDouble(timeout) {
            seconds if seconds > 0.0 => Patience::For((seconds * 1e9) as u64),
            _ => Patience::No,
        }
    };
    ffi::Py_XDECREF(timeout);
    ffi::PyErr_Clear();
    patience
}

/// Lets others go on until the socket is ready, or the original is to wait. False, with an exception,
/// if its timeout is over or the handler of a signal raised.
unsafe fn prepare(py: Python<'_>, socket: Object, events: i16) -> bool {
    if !mine() || processes::bears() {
        return true;
    }
    let Some(fd) = handle(py, socket) else {
        return true;
    };
    let deadline = match patience(py, socket) {
        Patience::No => return true,
        Patience::For(ns) => Some(now().saturating_add(ns)),
        Patience::Forever => None,
    };
    match await_until(py, fd, events, deadline) {
        Readiness::Go => true,
        Readiness::Raised => false,
        Readiness::Late => {
            ffi::PyErr_SetString(ffi::PyExc_TimeoutError, c"timed out".as_ptr());
            false
        }
    }
}

/// Whether the flags among the arguments, at that place, say that the call does not wait.
unsafe fn does_not_wait(arguments: Object, keywords: Object, place: isize) -> bool {
    let flags = match place < ffi::PyTuple_Size(arguments) {
        true => ffi::PyTuple_GetItem(arguments, place),
        false if keywords.is_null() => return false,
        false => ffi::PyDict_GetItemString(keywords, c"flags".as_ptr()),
    };
    if flags.is_null() || ffi::PyLong_Check(flags) == 0 {
        return false;
    }
    let flags = ffi::PyLong_AsLong(flags);
    ffi::PyErr_Clear();
    flags & libc::c_long::from(libc::MSG_DONTWAIT) != 0
}

/// A method that reads or writes: it waits under control for what `events` says. `FLAGS` is the place
/// of its flags.
macro_rules! transfer {
    ($name:ident, $original:ident, $events:expr, $flags:expr) => {
        static $original: Gil<Option<TwoArguments>> = Gil::new(None);

        unsafe extern "C-unwind" fn $name(socket: Object, arguments: Object) -> Object {
            let py = Python::assume_attached();
            let Some(original) = $original.copied(py) else {
                return null_mut();
            };
            let waits = !does_not_wait(arguments, null_mut(), $flags);
            if waits && !prepare(py, socket, $events) {
                return null_mut();
            }
            let result = original(socket, arguments);
            changed(py);
            result
        }
    };
}

macro_rules! transfer_into {
    ($name:ident, $original:ident) => {
        static $original: Gil<Option<WithKeywords>> = Gil::new(None);

        unsafe extern "C-unwind" fn $name(socket: Object, given: Object, named: Object) -> Object {
            let py = Python::assume_attached();
            let Some(original) = $original.copied(py) else {
                return null_mut();
            };
            if !does_not_wait(given, named, 2) && !prepare(py, socket, libc::POLLIN) {
                return null_mut();
            }
            let result = original(socket, given, named);
            changed(py);
            result
        }
    };
}

transfer!(recv, RECV, libc::POLLIN, 1);
transfer!(recvfrom, RECVFROM, libc::POLLIN, 1);
transfer!(recvmsg, RECVMSG, libc::POLLIN, 2);
transfer!(recvmsg_into, RECVMSG_INTO, libc::POLLIN, 2);
transfer!(sendto, SENDTO, libc::POLLOUT, 1);
transfer!(sendmsg, SENDMSG, libc::POLLOUT, 2);
transfer_into!(recv_into, RECV_INTO);
transfer_into!(recvfrom_into, RECVFROM_INTO);

/// Sends what a socket without a timeout is given, until an error if not the `whole`; None if the
/// original is to do it. The size, or None with an exception.
unsafe fn send_given(
    py: Python<'_>,
    socket: Object,
    arguments: Object,
    whole: bool,
) -> Option<Option<usize>> {
    let fd = handle(py, socket).filter(|_| mine() && !processes::bears())?;
    let (1, Patience::Forever) = (ffi::PyTuple_Size(arguments), patience(py, socket)) else {
        return None;
    };
    let mut data: ffi::Py_buffer = std::mem::zeroed();
    let given = ffi::PyTuple_GetItem(arguments, 0);
    if ffi::PyObject_GetBuffer(given, &mut data, ffi::PyBUF_SIMPLE) != 0 {
        ffi::PyErr_Clear();
        return None;
    }
    let size = data.len as usize;
    let mut sent = 0;
    let result = loop {
        let rest = data.buf.cast::<u8>().add(sent);
        match write_all(py, fd, libc::S_IFSOCK, rest, size - sent) {
            Some(more) => sent += more,
            None => break None,
        }
        if sent >= size || !whole {
            break Some(sent);
        }
    };
    ffi::PyBuffer_Release(&mut data);
    changed(py);
    Some(result)
}

unsafe extern "C-unwind" fn send(socket: Object, arguments: Object) -> Object {
    let py = Python::assume_attached();
    let Some(original) = SEND.copied(py) else {
        return null_mut();
    };
    match send_given(py, socket, arguments, false) {
        Some(Some(size)) => return ffi::PyLong_FromSize_t(size),
        Some(None) => return null_mut(),
        None => {}
    }
    if !does_not_wait(arguments, null_mut(), 1) && !prepare(py, socket, libc::POLLOUT) {
        return null_mut();
    }
    let result = original(socket, arguments);
    changed(py);
    result
}

unsafe extern "C-unwind" fn sendall(socket: Object, arguments: Object) -> Object {
    let py = Python::assume_attached();
    let Some(original) = SENDALL.copied(py) else {
        return null_mut();
    };
    let result = match send_given(py, socket, arguments, true) {
        Some(Some(_)) => ffi::Py_NewRef(ffi::Py_None()),
        Some(None) => null_mut(),
        None => original(socket, arguments),
    };
    changed(py);
    result
}

/// A method that ends what others may wait for.
macro_rules! ending {
    ($name:ident, $original:ident) => {
        static $original: Gil<Option<TwoArguments>> = Gil::new(None);

        unsafe extern "C-unwind" fn $name(socket: Object, argument: Object) -> Object {
            let py = Python::assume_attached();
            let Some(original) = $original.copied(py) else {
                return null_mut();
            };
            let result = original(socket, argument);
            changed(py);
            result
        }
    };
}

ending!(close, CLOSE);
ending!(shutdown, SHUTDOWN);

unsafe extern "C-unwind" fn accept(socket: Object, unused: Object) -> Object {
    let py = Python::assume_attached();
    let Some(original) = ACCEPT.copied(py) else {
        return null_mut();
    };
    let fd = handle(py, socket);
    if let Some(fd) = fd.filter(|_| mine()) {
        reach::note_port(fd);
    }
    match prepare(py, socket, libc::POLLIN) {
        true => original(socket, unused),
        false => null_mut(),
    }
}

macro_rules! connecting {
    ($name:ident, $original:ident) => {
        unsafe extern "C-unwind" fn $name(socket: Object, address: Object) -> Object {
            let py = Python::assume_attached();
            let Some(original) = $original.copied(py) else {
                return null_mut();
            };
            let result = original(socket, address);
            if !result.is_null() && mine() {
                if let Some(fd) = handle(py, socket) {
                    reach::note_port(fd);
                }
                changed(py);
            }
            result
        }
    };
}

/// A method that takes its arguments one by one in newer versions: it gets them in a tuple, as in others.
macro_rules! packed {
    ($name:ident, $original:ident) => {
        static $original: Gil<Option<Fast>> = Gil::new(None);

        unsafe extern "C-unwind" fn $name(socket: Object, given: Object) -> Object {
            let py = Python::assume_attached();
            let Some(original) = $original.copied(py) else {
                return null_mut();
            };
            let items: Vec<Object> = (0..ffi::PyTuple_Size(given))
                .map(|at| ffi::PyTuple_GetItem(given, at))
                .collect();
            original(socket, items.as_ptr(), items.len() as isize)
        }
    };
}

packed!(packed_send, FAST_SEND);
packed!(packed_sendall, FAST_SENDALL);
packed!(packed_sendmsg, FAST_SENDMSG);

unsafe fn pack(py: Python<'_>, kind: Object) {
    let methods: [(_, _, TwoArguments); 3] = [
        (c"send", &FAST_SEND, packed_send),
        (c"sendall", &FAST_SENDALL, packed_sendall),
        (c"sendmsg", &FAST_SENDMSG, packed_sendmsg),
    ];
    for (name, original, with) in methods {
        if let Some(method) = definition(kind, name, ffi::METH_FASTCALL) {
            original.set(py, Some(function::<Fast>(method)));
            reform(kind, name, ffi::METH_FASTCALL, with, ffi::METH_VARARGS);
        }
    }
}

connecting!(connect, CONNECT);
connecting!(connect_ex, CONNECT_EX);

/// Puts the functions in the place of CPython's; a second call does nothing.
pub fn install(py: Python<'_>) {
    if SEND.copied(py).is_some() {
        return;
    }
    // SAFETY: the GIL is held; what is put in has the form of what it replaces.
    unsafe {
        let module = ffi::PyImport_ImportModule(c"_socket".as_ptr());
        if module.is_null() {
            return;
        }
        let kind = ffi::PyObject_GetAttrString(module, c"socket".as_ptr());
        let asked = |name, kept: &Gil<Option<TwoArguments>>| {
            if let Some(method) = definition(kind, name, ffi::METH_NOARGS) {
                kept.set(py, Some(function::<TwoArguments>(method)));
            }
        };
        asked(c"fileno", &FILENO);
        asked(c"gettimeout", &GETTIMEOUT);
        pack(py, kind);
        let put = |name, form, original, with: TwoArguments| {
            replace(py, kind, name, form, original, with);
        };
        put(c"_accept", ffi::METH_NOARGS, &ACCEPT, accept);
        put(c"connect", ffi::METH_O, &CONNECT, connect);
        put(c"connect_ex", ffi::METH_O, &CONNECT_EX, connect_ex);
        put(c"close", ffi::METH_NOARGS, &CLOSE, close);
        put(c"shutdown", ffi::METH_O, &SHUTDOWN, shutdown);
        put(c"send", ffi::METH_VARARGS, &SEND, send);
        put(c"sendall", ffi::METH_VARARGS, &SENDALL, sendall);
        put(c"sendto", ffi::METH_VARARGS, &SENDTO, sendto);
        put(c"sendmsg", ffi::METH_VARARGS, &SENDMSG, sendmsg);
        put(c"recv", ffi::METH_VARARGS, &RECV, recv);
        put(c"recvfrom", ffi::METH_VARARGS, &RECVFROM, recvfrom);
        put(c"recvmsg", ffi::METH_VARARGS, &RECVMSG, recvmsg);
        put(
            c"recvmsg_into",
            ffi::METH_VARARGS,
            &RECVMSG_INTO,
            recvmsg_into,
        );
        let keywords = ffi::METH_VARARGS | ffi::METH_KEYWORDS;
        let put = |name, original, with: WithKeywords| {
            replace(py, kind, name, keywords, original, with);
        };
        put(c"recv_into", &RECV_INTO, recv_into);
        put(c"recvfrom_into", &RECVFROM_INTO, recvfrom_into);
    }
}
