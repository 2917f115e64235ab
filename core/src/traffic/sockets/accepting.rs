//! Calls that accept.

use super::{known, renumbered, with_told_address};
use crate::control::{self, descriptor, handle, patience, Patience};
use crate::gil::Gil;
use crate::traffic::addresses;
use crate::traffic::steps::{failed, raise, step, turn, Told};
use crate::traffic::{Object, TwoArguments};
use pyo3::ffi;
use pyo3::Python;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

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

/// Has forks noticed from now on.
pub unsafe fn notice_forks() {
    libc::pthread_atfork(None, Some(note_fork), Some(note_fork));
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
