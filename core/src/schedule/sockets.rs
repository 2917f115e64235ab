//! Sockets under control: `accept` and `connect`, and who is at the other end of one.
//!
//! Of a socket of the system's the kernel tells the process that it is connected to. Of one of the
//! internet's it does not; but both ends are on this machine then, and the port of one of them is known
//! to be of the run: it has been listened on or connected from.

use super::controller::{self, mine};
use super::descriptors::{await_ready, changed, descriptor};
use super::page::outward;
use super::processes;
use crate::methods::replace;
use crate::record::session::Gil;
use pyo3::ffi;
use std::ptr::{null, null_mut};

type Object = *mut ffi::PyObject;
type TwoArguments = unsafe extern "C-unwind" fn(Object, Object) -> Object;

static ACCEPT: Gil<Option<TwoArguments>> = Gil::new(None);
static CONNECT: Gil<Option<TwoArguments>> = Gil::new(None);

/// Ports of the run, a bit each.
pub type Ports = [u64; 1024];

unsafe fn is_known(port: u16) -> bool {
    let word = controller::page().ports[usize::from(port / 64)];
    word >> (port % 64) & 1 != 0
}

/// The address of this end of a socket, or of the other.
type Ask = unsafe extern "C" fn(i32, *mut libc::sockaddr, *mut libc::socklen_t) -> i32;

/// A host's address and a port; None if the socket has none of the internet's.
unsafe fn address(fd: i32, ask: Ask) -> Option<([u8; 16], u16)> {
    let mut place: libc::sockaddr_storage = std::mem::zeroed();
    let mut size = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
    if ask(fd, (&raw mut place).cast(), &raw mut size) != 0 {
        return None;
    }
    let mut host = [0; 16];
    match i32::from(place.ss_family) {
        libc::AF_INET => {
            let place = &*(&raw const place).cast::<libc::sockaddr_in>();
            host[..4].copy_from_slice(&place.sin_addr.s_addr.to_ne_bytes());
            Some((host, u16::from_be(place.sin_port)))
        }
        libc::AF_INET6 => {
            let place = &*(&raw const place).cast::<libc::sockaddr_in6>();
            Some((place.sin6_addr.s6_addr, u16::from_be(place.sin6_port)))
        }
        _ => None,
    }
}

/// Whether what comes through the socket may come from outside the run.
pub unsafe fn comes_from(fd: i32) -> u8 {
    if let Some((host, port)) = address(fd, libc::getsockname) {
        let peer = address(fd, libc::getpeername);
        let known =
            |&(other, its): &([u8; 16], u16)| other == host && (is_known(port) || is_known(its));
        return match peer.filter(known) {
            Some(_) => outward::LATE,
            None => outward::YES,
        };
    }
    let mut peer: libc::ucred = std::mem::zeroed();
    let mut size = size_of::<libc::ucred>() as libc::socklen_t;
    let place = (&raw mut peer).cast();
    let told = libc::getsockopt(fd, libc::SOL_SOCKET, libc::SO_PEERCRED, place, &mut size) == 0;
    match told && processes::is_member(peer.pid as u32) {
        true => outward::OF_OTHERS,
        false => outward::YES,
    }
}

unsafe fn handle(socket: Object) -> Option<i32> {
    let number = ffi::PyObject_CallMethod(socket, c"fileno".as_ptr(), null());
    let fd = descriptor(&raw const number, isize::from(!number.is_null()));
    ffi::Py_XDECREF(number);
    ffi::PyErr_Clear();
    fd
}

/// This end's port is the run's.
unsafe fn note_port(fd: i32) {
    if let Some((_, port)) = address(fd, libc::getsockname) {
        controller::page().ports[usize::from(port / 64)] |= 1 << (port % 64);
    }
}

unsafe extern "C-unwind" fn accept(socket: Object, unused: Object) -> Object {
    let Some(original) = *ACCEPT.get() else {
        return null_mut();
    };
    let fd = handle(socket);
    if let Some(fd) = fd.filter(|_| mine()) {
        note_port(fd);
    }
    match fd.is_none_or(|fd| await_ready(fd, libc::POLLIN)) {
        true => original(socket, unused),
        false => null_mut(),
    }
}

unsafe extern "C-unwind" fn connect(socket: Object, address: Object) -> Object {
    let Some(original) = *CONNECT.get() else {
        return null_mut();
    };
    let result = original(socket, address);
    if !result.is_null() && mine() {
        if let Some(fd) = handle(socket) {
            note_port(fd);
        }
        changed();
    }
    result
}

/// Puts the functions in the place of CPython's.
///
/// # Safety
/// The GIL is held.
pub unsafe fn install() {
    let module = ffi::PyImport_ImportModule(c"_socket".as_ptr());
    if !module.is_null() {
        let kind = ffi::PyObject_GetAttrString(module, c"socket".as_ptr());
        replace(
            kind,
            c"_accept",
            ffi::METH_NOARGS,
            &ACCEPT,
            accept as TwoArguments,
        );
        replace(
            kind,
            c"connect",
            ffi::METH_O,
            &CONNECT,
            connect as TwoArguments,
        );
    }
}
