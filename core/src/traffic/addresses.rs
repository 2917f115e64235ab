//! Addresses of the internet's sockets. In a replay the system gives other ports than in the recording: the
//! program is told those of the recording, and the system the real ones.

use super::Object;
use crate::control::ports;
use pyo3::ffi;
use pyo3::Python;
use std::ffi::CStr;
use std::ptr::null_mut;

/// A host of the internet as text, with its end.
const HOST: libc::socklen_t = 46;

/// The address of this end of a socket, or of the other.
pub type Ask = unsafe extern "C" fn(i32, *mut libc::sockaddr, *mut libc::socklen_t) -> i32;

/// The port of this end of a socket of the internet's, or of the other end; None if it has none.
pub fn port(fd: i32, ask: Ask) -> Option<u16> {
    // SAFETY: zeros are a value of it, and it lives as long as the call takes.
    unsafe {
        let mut place: libc::sockaddr_storage = std::mem::zeroed();
        let mut size = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
        if ask(fd, (&raw mut place).cast(), &raw mut size) != 0 {
            return None;
        }
        port_of(&place)
    }
}

pub fn port_of(place: &libc::sockaddr_storage) -> Option<u16> {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        match i32::from(place.ss_family) {
            libc::AF_INET => {
                let place = &*std::ptr::from_ref(place).cast::<libc::sockaddr_in>();
                Some(u16::from_be(place.sin_port))
            }
            libc::AF_INET6 => {
                let place = &*std::ptr::from_ref(place).cast::<libc::sockaddr_in6>();
                Some(u16::from_be(place.sin6_port))
            }
            _ => None,
        }
    }
}

/// The port in an address as Python has it: `(host, port, …)`.
pub unsafe fn port_in(address: Object) -> Option<u16> {
    if address.is_null() || ffi::PyTuple_Check(address) == 0 || ffi::PyTuple_Size(address) < 2 {
        return None;
    }
    let port = ffi::PyTuple_GetItem(address, 1);
    if ffi::PyLong_Check(port) == 0 {
        return None;
    }
    let port = ffi::PyLong_AsLong(port);
    ffi::PyErr_Clear();
    u16::try_from(port).ok()
}

/// The same address with another port; a new reference.
pub unsafe fn with_port(address: Object, port: u16) -> Object {
    let count = ffi::PyTuple_Size(address);
    let made = ffi::PyTuple_New(count);
    if made.is_null() {
        return null_mut();
    }
    for at in 0..count {
        let item = match at {
            1 => ffi::PyLong_FromLong(port.into()),
            _ => ffi::Py_NewRef(ffi::PyTuple_GetItem(address, at)),
        };
        ffi::PyTuple_SetItem(made, at, item);
    }
    made
}

/// The address as the program is told it: takes a reference, and gives one.
pub unsafe fn told(address: Object) -> Object {
    match port_in(address) {
        Some(port) if ports::known(port) != port => {
            let told = with_port(address, ports::known(port));
            ffi::Py_DECREF(address);
            told
        }
        _ => address,
    }
}

/// The address as the system has it: a new reference.
pub unsafe fn meant(address: Object) -> Object {
    match port_in(address) {
        Some(port) if ports::real(port) != port => with_port(address, ports::real(port)),
        _ => ffi::Py_NewRef(address),
    }
}

/// The address as Python has it; None for a family that is not known here.
pub fn made(
    _: Python<'_>,
    place: &libc::sockaddr_storage,
    size: libc::socklen_t,
) -> Option<Object> {
    let mut text = [0; HOST as usize];
    let family = i32::from(place.ss_family);
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        let written = |from: *const libc::c_void, text: &mut [u8]| {
            !inet_ntop(family, from, text.as_mut_ptr().cast(), text.len() as u32).is_null()
        };
        match family {
            libc::AF_INET => {
                let place = &*std::ptr::from_ref(place).cast::<libc::sockaddr_in>();
                let host = (&raw const place.sin_addr).cast();
                let port = i32::from(u16::from_be(place.sin_port));
                written(host, &mut text)
                    .then(|| ffi::Py_BuildValue(c"(si)".as_ptr(), text.as_ptr(), port))
            }
            libc::AF_INET6 => {
                let place = &*std::ptr::from_ref(place).cast::<libc::sockaddr_in6>();
                let host = (&raw const place.sin6_addr).cast();
                let port = i32::from(u16::from_be(place.sin6_port));
                let (flow, scope) = (u32::from_be(place.sin6_flowinfo), place.sin6_scope_id);
                // With a scope the host has the interface's name behind it.
                (scope == 0 && written(host, &mut text)).then(|| {
                    ffi::Py_BuildValue(c"(siII)".as_ptr(), text.as_ptr(), port, flow, scope)
                })
            }
            libc::AF_UNIX => {
                let place = &*std::ptr::from_ref(place).cast::<libc::sockaddr_un>();
                let length = (size as usize).saturating_sub(size_of::<libc::sa_family_t>());
                let path = place.sun_path.as_ptr();
                Some(match length {
                    0 => ffi::PyUnicode_FromStringAndSize(path.cast(), 0),
                    _ if *path == 0 => ffi::PyBytes_FromStringAndSize(path.cast(), length as isize),
                    _ => ffi::PyUnicode_DecodeFSDefault(CStr::from_ptr(path.cast()).as_ptr()),
                })
            }
            _ => None,
        }
    }
}

extern "C" {
    fn inet_ntop(
        family: i32,
        from: *const libc::c_void,
        text: *mut libc::c_char,
        size: libc::socklen_t,
    ) -> *const libc::c_char;
}

/// Whether the addresses of this socket's peers can be made here.
pub fn is_made(fd: i32) -> bool {
    // SAFETY: zeros are a value of it, and it lives as long as the call takes.
    unsafe {
        let mut place: libc::sockaddr_storage = std::mem::zeroed();
        let mut size = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
        let known = libc::getsockname(fd, (&raw mut place).cast(), &raw mut size) == 0;
        let family = i32::from(place.ss_family);
        known && matches!(family, libc::AF_INET | libc::AF_UNIX)
            || known && family == libc::AF_INET6 && !is_link_local(&place)
    }
}

fn is_link_local(place: &libc::sockaddr_storage) -> bool {
    // SAFETY: an address of that family has that form.
    let place = unsafe { &*std::ptr::from_ref(place).cast::<libc::sockaddr_in6>() };
    place.sin6_addr.s6_addr[0] == 0xfe
}

/// Whether it is one of a pair of sockets that have no names, as `socketpair` makes them.
pub fn is_paired(fd: i32) -> bool {
    // SAFETY: zeros are a value of it, and it lives as long as the call takes.
    let is_nameless = unsafe {
        |ask: Ask| {
            let mut place: libc::sockaddr_storage = std::mem::zeroed();
            let mut size = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
            ask(fd, (&raw mut place).cast(), &raw mut size) == 0
                && i32::from(place.ss_family) == libc::AF_UNIX
                && size as usize == size_of::<libc::sa_family_t>()
        }
    };
    is_nameless(libc::getsockname) && is_nameless(libc::getpeername)
}
