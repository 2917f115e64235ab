//! What sockets do: they accept and connect, send and receive, and end.

use super::addresses::{self, Ask};
use super::steps::{failed, raise, step, told, turn, Told};
use super::{is_recorded, Object, TwoArguments, WithKeywords};
use crate::channels;
use crate::control::{self, descriptor, handle, patience, ports, Patience, Readiness};
use crate::cpython::descriptors;
use crate::cpython::methods::replace;
use crate::gil::Gil;
use pyo3::prelude::*;
use pyo3::{ffi, wrap_pyfunction};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

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

/// What a call has received, for its step: how much, and the port that it comes from.
unsafe fn received(result: Object) -> String {
    let count = |of: Object| match ffi::PyBytes_Check(of) {
        0 => ffi::PyLong_AsLongLong(of),
        _ => ffi::PyBytes_Size(of) as i64,
    };
    let text = if ffi::PyTuple_Check(result) == 0 {
        count(result).to_string()
    } else {
        let last = ffi::PyTuple_GetItem(result, ffi::PyTuple_Size(result) - 1);
        let count = count(ffi::PyTuple_GetItem(result, 0));
        match addresses::port_in(last) {
            Some(port) => format!("{count} {}", ports::known(port)),
            None => count.to_string(),
        }
    };
    ffi::PyErr_Clear();
    text
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

/// A call that receives. It is given how much it is to receive at most: as much as in the recording.
unsafe fn receiving(
    py: Python<'_>,
    socket: Object,
    call: impl FnOnce(Option<usize>) -> Object,
) -> Object {
    let Some(fd) = handle(py, socket).filter(|_| is_recorded(py)) else {
        return call(None);
    };
    if channels::is_channel(py, fd) {
        return match channels::received_count(py) {
            Some(count) => amount(py, fd, count, call),
            None => call(None),
        };
    }
    if addresses::is_paired(fd) {
        return call(None);
    }
    let told = turn(py, "recv");
    let mut words = match told {
        Some(Told::Came(words)) => words.split(' '),
        _ => "".split(' '),
    };
    let count = words.next().and_then(|word| word.parse().ok());
    let result = match (told, count) {
        (Some(Told::Again | Told::Late), _) => raise(py, told == Some(Told::Late)),
        (_, Some(count)) => amount(py, fd, count, call),
        _ => call(None),
    };
    if result.is_null() {
        failed(py, "recv");
        return result;
    }
    let result = with_told_address(result, words.next().and_then(|word| word.parse().ok()));
    step(py, "recv", &received(result));
    result
}

/// Receives as much, when that has come.
unsafe fn amount(
    py: Python<'_>,
    fd: i32,
    count: usize,
    call: impl FnOnce(Option<usize>) -> Object,
) -> Object {
    let is_stream = kind(Some(fd)) == libc::SOCK_STREAM;
    let ended = match is_stream {
        true => control::await_amount(py, fd, count),
        false => control::await_until(py, fd, libc::POLLIN, None),
    };
    match ended {
        Readiness::Raised => null_mut(),
        _ => call((is_stream && count > 0).then_some(count)),
    }
}

/// The size among the arguments, at that place, made as small as that; a new reference.
unsafe fn at_most(arguments: Object, place: isize, count: Option<usize>) -> Object {
    let Some(count) = count.filter(|_| place <= ffi::PyTuple_Size(arguments)) else {
        return ffi::Py_NewRef(arguments);
    };
    let given = ffi::PyTuple_Size(arguments);
    let made = ffi::PyTuple_New(given.max(place + 1));
    for at in 0..given.max(place + 1) {
        let item = match at == place {
            true => ffi::PyLong_FromSize_t(count),
            false => ffi::Py_NewRef(ffi::PyTuple_GetItem(arguments, at)),
        };
        ffi::PyTuple_SetItem(made, at, item);
    }
    made
}

macro_rules! method {
    ($name:ident, $original:ident, |$py:ident, $socket:ident, $argument:ident, $call:ident| $body:expr) => {
        static $original: Gil<Option<TwoArguments>> = Gil::new(None);

        unsafe extern "C-unwind" fn $name($socket: Object, $argument: Object) -> Object {
            let $py = Python::assume_attached();
            let Some($call) = $original.copied($py) else {
                return null_mut();
            };
            $body
        }
    };
}

macro_rules! receiving_into {
    ($name:ident, $original:ident, $place:expr) => {
        static $original: Gil<Option<WithKeywords>> = Gil::new(None);

        unsafe extern "C-unwind" fn $name(socket: Object, given: Object, named: Object) -> Object {
            let py = Python::assume_attached();
            let Some(original) = $original.copied(py) else {
                return null_mut();
            };
            let is_positional = named.is_null() || ffi::PyDict_Size(named) == 0;
            let place: Option<isize> = $place;
            receiving(py, socket, |count| {
                let count = count.filter(|_| is_positional && place.is_some());
                let given = at_most(given, place.unwrap_or(0), count);
                let result = original(socket, given, named);
                ffi::Py_DECREF(given);
                result
            })
        }
    };
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

method!(recv, RECV, |py, socket, given, original| receiving(
    py,
    socket,
    |count| {
        let given = at_most(given, 0, count);
        let result = original(socket, given);
        ffi::Py_DECREF(given);
        result
    }
));
method!(recvfrom, RECVFROM, |py, socket, given, original| receiving(
    py,
    socket,
    |_| original(socket, given)
));
method!(recvmsg, RECVMSG, |py, socket, given, original| receiving(
    py,
    socket,
    |_| original(socket, given)
));
receiving_into!(recv_into, RECV_INTO, Some(1));
receiving_into!(recvfrom_into, RECVFROM_INTO, None);

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

/// Whether this process has been forked or has forked: others may accept from its sockets.
static FORKED: AtomicBool = AtomicBool::new(false);

extern "C" fn note_fork() {
    FORKED.store(true, Ordering::SeqCst);
}

/// The next connection, taken while the GIL is held, so that those who accept do so in the order of their
/// events; None if the original is to do it.
unsafe fn taken(py: Python<'_>, socket: Object, fd: i32) -> Option<Object> {
    if control::controlled() || FORKED.load(Ordering::SeqCst) {
        return None;
    }
    let end = match patience(py, socket) {
        Patience::No => Some(Instant::now()),
        Patience::For(ns) => Some(Instant::now() + Duration::from_nanos(ns)),
        Patience::Forever => None,
    };
    while !is_waiting(fd, 0) {
        let left = end.map(|end| end.saturating_duration_since(Instant::now()));
        if left == Some(Duration::ZERO) {
            let waits = !matches!(patience(py, socket), Patience::No);
            return waits.then(|| raise(py, true));
        }
        let ms = left.map_or(-1, |left| left.as_millis().clamp(1, 1 << 30) as i32);
        let saved = ffi::PyEval_SaveThread();
        is_waiting(fd, ms);
        ffi::PyEval_RestoreThread(saved);
        if ffi::PyErr_CheckSignals() < 0 {
            return Some(null_mut());
        }
        if handle(py, socket) != Some(fd) {
            return None; // somebody has closed it
        }
    }
    let mut place: libc::sockaddr_storage = std::mem::zeroed();
    let mut size = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
    if !addresses::is_made(fd) {
        return None;
    }
    let made = libc::accept4(
        fd,
        (&raw mut place).cast(),
        &raw mut size,
        libc::SOCK_CLOEXEC,
    );
    if made < 0 {
        return Some(ffi::PyErr_SetFromErrno(ffi::PyExc_OSError));
    }
    let address =
        addresses::made(py, &place, size).unwrap_or_else(|| ffi::Py_NewRef(ffi::Py_None()));
    Some(ffi::Py_BuildValue(c"(iN)".as_ptr(), made, address))
}

/// Whether a connection, or an error, waits to be accepted, within that time.
fn is_waiting(fd: i32, ms: i32) -> bool {
    let mut asked = libc::pollfd {
        fd,
        events: libc::POLLIN,
        revents: 0,
    };
    // SAFETY: the call keeps nothing that it is given.
    unsafe { libc::poll(&mut asked, 1, ms) > 0 }
}

method!(accept, ACCEPT, |py, socket, unused, original| {
    let Some(fd) = known(py, socket) else {
        return original(socket, unused);
    };
    let told = turn(py, "accept");
    let result = match told {
        Some(Told::Again | Told::Late) => raise(py, told == Some(Told::Late)),
        Some(Told::Came(_)) => original(socket, unused),
        None => taken(py, socket, fd).unwrap_or_else(|| original(socket, unused)),
    };
    if result.is_null() {
        failed(py, "accept");
        return result;
    }
    let mut words = told.map_or("", Told::words).split(' ');
    let mut word = || words.next().and_then(|word| word.parse::<i32>().ok());
    let number = ffi::PyTuple_GetItem(result, 0);
    let made = descriptor(&raw const number, 1).unwrap_or(-1);
    let fd = renumbered(made, word());
    let result = with_told_address(result, word().and_then(|port| port.try_into().ok()));
    let address = ffi::PyTuple_GetItem(result, 1);
    match addresses::port_in(address) {
        Some(port) => step(py, "accept", &format!("{fd} {port}")),
        None => step(py, "accept", &fd.to_string()),
    }
    if fd == made {
        return result;
    }
    let again = ffi::Py_BuildValue(c"(iO)".as_ptr(), fd, address);
    ffi::Py_DECREF(result);
    again
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
        libc::pthread_atfork(None, Some(note_fork), Some(note_fork));
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
