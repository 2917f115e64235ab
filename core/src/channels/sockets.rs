//! What sends, receives and closes by socket.

use super::{receiving, sending, Object};
use crate::control::{self, handle};
use crate::cpython::methods::{replace, TwoArguments, WithKeywords};
use crate::gil::Gil;
use crate::ops;
use pyo3::ffi;
use pyo3::Python;
use std::ptr::null_mut;

fn writing(py: Python<'_>, fd: Option<i32>, call: impl FnOnce() -> Object) -> Object {
    sending(py, ops::SEND, fd, call)
}

fn closing(py: Python<'_>, fd: Option<i32>, call: impl FnOnce() -> Object) -> Object {
    sending(py, ops::CLOSE, fd, call)
}

macro_rules! method {
    ($name:ident, $original:ident, $call:expr) => {
        static $original: Gil<Option<TwoArguments>> = Gil::new(None);

        unsafe extern "C-unwind" fn $name(socket: Object, argument: Object) -> Object {
            let py = Python::assume_attached();
            let Some(original) = $original.copied(py) else {
                return null_mut();
            };
            $call(py, handle(py, socket), || original(socket, argument))
        }
    };
}

macro_rules! reading_into {
    ($name:ident, $original:ident) => {
        static $original: Gil<Option<WithKeywords>> = Gil::new(None);

        unsafe extern "C-unwind" fn $name(socket: Object, given: Object, named: Object) -> Object {
            let py = Python::assume_attached();
            let Some(original) = $original.copied(py) else {
                return null_mut();
            };
            receiving(py, handle(py, socket), || original(socket, given, named))
        }
    };
}

method!(send, SEND, writing);
method!(sendall, SENDALL, writing);
method!(sendto, SENDTO, writing);
method!(sendmsg, SENDMSG, writing);
method!(close, CLOSE, closing);
method!(shutdown, SHUTDOWN, closing);
method!(recv, RECV, receiving);
method!(recvfrom, RECVFROM, receiving);
method!(recvmsg, RECVMSG, receiving);
method!(recvmsg_into, RECVMSG_INTO, receiving);
reading_into!(recv_into, RECV_INTO);
reading_into!(recvfrom_into, RECVFROM_INTO);

/// Replaces the methods, around what control replaces; a second call does nothing.
///
/// `_socket` has been imported.
pub fn install(py: Python<'_>) {
    if (*SEND.get(py)).is_some() {
        return;
    }
    control::install_descriptors(py);
    // SAFETY: the GIL is held; what is put in has the form of what it replaces.
    unsafe {
        let module = ffi::PyImport_ImportModule(c"_socket".as_ptr());
        if module.is_null() {
            ffi::PyErr_Clear();
            return;
        }
        let kind = ffi::PyObject_GetAttrString(module, c"socket".as_ptr());
        let methods: [(_, _, TwoArguments); 8] = [
            (c"send", &SEND, send),
            (c"sendall", &SENDALL, sendall),
            (c"sendto", &SENDTO, sendto),
            (c"sendmsg", &SENDMSG, sendmsg),
            (c"recv", &RECV, recv),
            (c"recvfrom", &RECVFROM, recvfrom),
            (c"recvmsg", &RECVMSG, recvmsg),
            (c"recvmsg_into", &RECVMSG_INTO, recvmsg_into),
        ];
        for (name, original, with) in methods {
            replace(py, kind, name, ffi::METH_VARARGS, original, with);
        }
        replace::<TwoArguments>(py, kind, c"close", ffi::METH_NOARGS, &CLOSE, close);
        replace::<TwoArguments>(py, kind, c"shutdown", ffi::METH_O, &SHUTDOWN, shutdown);
        let keywords = ffi::METH_VARARGS | ffi::METH_KEYWORDS;
        replace::<WithKeywords>(py, kind, c"recv_into", keywords, &RECV_INTO, recv_into);
        replace::<WithKeywords>(
            py,
            kind,
            c"recvfrom_into",
            keywords,
            &RECVFROM_INTO,
            recvfrom_into,
        );
        ffi::PyErr_Clear();
    }
}
