//! What sockets do: they accept and connect, send and receive, and end.

use super::addresses::{self, Ask};
use super::steps::{step, told, turn, Told};
use super::{is_recorded, Object, TwoArguments, WithKeywords};
use crate::control::{self, handle, ports};
use crate::cpython::descriptors;
use crate::cpython::methods::replace;
use crate::gil::Gil;
use pyo3::prelude::*;
use pyo3::{ffi, wrap_pyfunction};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A method in the place of the original.
macro_rules! method {
    ($name:ident, $original:ident, |$py:ident, $socket:ident, $argument:ident, $call:ident| $body:expr) => {
        pub static $original: Gil<Option<TwoArguments>> = Gil::new(None);

        pub unsafe extern "C-unwind" fn $name($socket: Object, $argument: Object) -> Object {
            let $py = Python::assume_attached();
            let Some($call) = $original.copied($py) else {
                return null_mut();
            };
            $body
        }
    };
}

mod accepting;
mod connecting;
mod receiving;

use accepting::{accept, ACCEPT};
use connecting::{bind, connect, connect_ex, BIND, CONNECT, CONNECT_EX};
use receiving::{recv, recv_into, recvfrom, recvfrom_into, recvmsg};
use receiving::{RECV, RECVFROM, RECVFROM_INTO, RECVMSG, RECV_INTO};

/// The descriptor of a socket of which the steps are recorded. Pairs are not: those of the program have
/// events of their own, those of the standard library wake its event loops.
unsafe fn known(py: Python<'_>, socket: Object) -> Option<i32> {
    handle(py, socket).filter(|&fd| is_recorded(py) && !addresses::is_paired(fd))
}

/// The pid of the process in which a thread connects or sends a datagram; 0: none does.
static TURN: AtomicU32 = AtomicU32::new(0);

/// For so long others wait for their turn at most: a connection may have to wait for a peer.
const PATIENCE: Duration = Duration::from_millis(50);

/// Records the step and makes the call, one thread after the other: in this order they come to those who
/// accept and receive.
fn one_by_one(py: Python<'_>, name: &str, call: impl FnOnce() -> Object) -> Object {
    let own = std::process::id();
    let take = || match TURN.load(Ordering::SeqCst) {
        held if held == own => false,
        // A fork has copied it.
        held => TURN
            .compare_exchange(held, own, Ordering::SeqCst, Ordering::SeqCst)
            .is_ok(),
    };
    let mut taken = take();
    // SAFETY: the GIL is held, and is taken again before anything of Python is touched.
    unsafe {
        if !taken && !control::controlled() {
            let end = Instant::now() + PATIENCE;
            let saved = ffi::PyEval_SaveThread();
            while !taken && Instant::now() < end {
                std::thread::sleep(Duration::from_micros(20));
                taken = take();
            }
            ffi::PyEval_RestoreThread(saved);
        }
    }
    step(py, name, "");
    let result = call();
    if taken {
        TURN.store(0, Ordering::SeqCst);
    }
    result
}

/// A call that comes to others: recorded before it is made.
unsafe fn coming(
    py: Python<'_>,
    name: &str,
    socket: Object,
    call: impl FnOnce() -> Object,
) -> Object {
    if known(py, socket).is_none() {
        return call();
    }
    turn(py, name);
    if kind(handle(py, socket)) == libc::SOCK_DGRAM {
        return one_by_one(py, name, call);
    }
    step(py, name, "");
    call()
}

/// What kind of socket it is: `SOCK_STREAM` …
fn kind(fd: Option<i32>) -> i32 {
    let mut kind: libc::c_int = 0;
    let mut size = size_of::<libc::c_int>() as libc::socklen_t;
    let (place, fd) = ((&raw mut kind).cast(), fd.unwrap_or(-1));
    // SAFETY: the call keeps nothing that it is given.
    unsafe {
        match libc::getsockopt(fd, libc::SOL_SOCKET, libc::SO_TYPE, place, &raw mut size) {
            0 => kind,
            _ => 0,
        }
    }
}

/// The address that a call has received from becomes what the program is to be told.
unsafe fn with_told_address(result: Object, recorded: Option<u16>) -> Object {
    if ffi::PyTuple_Check(result) == 0 {
        return result;
    }
    let count = ffi::PyTuple_Size(result);
    let address = ffi::PyTuple_GetItem(result, count - 1);
    if let Some((known, real)) = recorded.zip(addresses::port_in(address)) {
        ports::pair(known, real);
    }
    let told = addresses::told(ffi::Py_NewRef(address));
    if told == address {
        ffi::Py_DECREF(told);
        return result;
    }
    let made = ffi::PyTuple_New(count);
    for at in 0..count - 1 {
        ffi::PyTuple_SetItem(made, at, ffi::Py_NewRef(ffi::PyTuple_GetItem(result, at)));
    }
    ffi::PyTuple_SetItem(made, count - 1, told);
    ffi::Py_DECREF(result);
    made
}

/// A step of this name, before the call is made as it is.
macro_rules! announced {
    ($name:ident, $original:ident, $step:expr) => {
        method!($name, $original, |py, socket, given, original| coming(
            py,
            $step,
            socket,
            || original(socket, given)
        ));
    };
}

announced!(send, SEND, "send");
announced!(sendall, SENDALL, "send");
announced!(sendmsg, SENDMSG, "send");
method!(sendto, SENDTO, |py, socket, given, original| {
    let count = ffi::PyTuple_Size(given);
    let address = match count {
        2 | 3 => addresses::meant(ffi::PyTuple_GetItem(given, count - 1)),
        _ => return original(socket, given),
    };
    let made = ffi::PyTuple_New(count);
    for at in 0..count - 1 {
        ffi::PyTuple_SetItem(made, at, ffi::Py_NewRef(ffi::PyTuple_GetItem(given, at)));
    }
    ffi::PyTuple_SetItem(made, count - 1, address);
    let result = coming(py, "send", socket, || original(socket, made));
    ffi::Py_DECREF(made);
    result
});
announced!(close, CLOSE, "close");
announced!(shutdown, SHUTDOWN, "shutdown");

method!(getsockname, GETSOCKNAME, |py, socket, unused, original| {
    let Some(fd) = known(py, socket) else {
        return original(socket, unused);
    };
    let Some(real) = addresses::port(fd, libc::getsockname as Ask).filter(|&port| port != 0) else {
        return original(socket, unused);
    };
    if let Some(Told::Came(port)) = turn(py, "port") {
        if let Ok(port) = port.parse() {
            ports::pair(port, real);
        }
    }
    let result = original(socket, unused);
    step(py, "port", &ports::known(real).to_string());
    addresses::told(result)
});

method!(getpeername, GETPEERNAME, |py, socket, unused, original| {
    addresses::told(original(socket, unused))
});

/// The descriptor, just made, with the number of the recording if that is free.
pub fn renumbered(fd: i32, recorded: Option<i32>) -> i32 {
    // SAFETY: the call keeps nothing that it is given.
    unsafe {
        match recorded {
            Some(number) if fd >= 0 && number != fd && libc::fcntl(number, libc::F_GETFD) < 0 => {
                let flags = libc::fcntl(fd, libc::F_GETFD);
                let cloexec = match flags & libc::FD_CLOEXEC {
                    0 => 0,
                    _ => libc::O_CLOEXEC,
                };
                let moved = libc::dup3(fd, number, cloexec);
                if moved < 0 {
                    return fd;
                }
                libc::close(fd);
                moved
            }
            _ => fd,
        }
    }
}

/// The calling thread is about to make a socket, whose number is lower than those of sockets that are made
/// later.
#[pyfunction]
fn making_socket(py: Python<'_>) {
    if is_recorded(py) {
        turn(py, "socket");
    }
}

/// It has made it.
#[pyfunction]
fn made_socket(py: Python<'_>, socket: &Bound<'_, PyAny>) {
    // SAFETY: the objects are live.
    unsafe {
        let object = socket.as_ptr();
        let Some(fd) = handle(py, object).filter(|_| is_recorded(py)) else {
            return;
        };
        let recorded = match told(py, "socket") {
            Some(Told::Came(number)) => number.parse().ok(),
            _ => None,
        };
        let fd = renumbered(fd, recorded);
        descriptors::renumber(object, fd);
        step(py, "socket", &fd.to_string());
    }
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(making_socket, m)?)?;
    m.add_function(wrap_pyfunction!(made_socket, m)?)
}

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
        accepting::notice_forks();
        let module = ffi::PyImport_ImportModule(c"_socket".as_ptr());
        if module.is_null() {
            ffi::PyErr_Clear();
            return;
        }
        let class = ffi::PyObject_GetAttrString(module, c"socket".as_ptr());
        let (none, one, many) = (ffi::METH_NOARGS, ffi::METH_O, ffi::METH_VARARGS);
        let methods: [(_, _, _, TwoArguments); 15] = [
            (c"_accept", none, &ACCEPT, accept),
            (c"bind", one, &BIND, bind),
            (c"close", none, &CLOSE, close),
            (c"connect", one, &CONNECT, connect),
            (c"connect_ex", one, &CONNECT_EX, connect_ex),
            (c"getpeername", none, &GETPEERNAME, getpeername),
            (c"getsockname", none, &GETSOCKNAME, getsockname),
            (c"recv", many, &RECV, recv),
            (c"recvfrom", many, &RECVFROM, recvfrom),
            (c"recvmsg", many, &RECVMSG, recvmsg),
            (c"send", many, &SEND, send),
            (c"sendall", many, &SENDALL, sendall),
            (c"sendmsg", many, &SENDMSG, sendmsg),
            (c"sendto", many, &SENDTO, sendto),
            (c"shutdown", one, &SHUTDOWN, shutdown),
        ];
        for (name, form, original, with) in methods {
            replace(py, class, name, form, original, with);
        }
        let both = ffi::METH_VARARGS | ffi::METH_KEYWORDS;
        let methods: [(_, _, WithKeywords); 2] = [
            (c"recv_into", &RECV_INTO, recv_into),
            (c"recvfrom_into", &RECVFROM_INTO, recvfrom_into),
        ];
        for (name, original, with) in methods {
            replace(py, class, name, both, original, with);
        }
        ffi::PyErr_Clear();
    }
}
