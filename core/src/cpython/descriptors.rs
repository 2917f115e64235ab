//! The descriptors that files, sockets and polls of C have. Their methods would take as long as an event, and
//! answer with an error when they are closed.
//!
//! Versions: 3.11 to 3.15, whose structures begin alike.
//! Check: the type is as large as the structure at least. What is read as a descriptor goes to the system
//! alone, to ask what it is.
//! Elsewhere: -1, as of one that is closed: such a file is not recorded.
//! Safe: only fields inside the object are read, as numbers, but for the array of a poll, whose length
//! stands beside it.

use pyo3::ffi;
use std::mem::size_of;

type Object = *mut ffi::PyObject;

/// `fileio` of `fileio.c` and `PySocketSockObject` of `socketmodule.h`, as they begin.
#[repr(C)]
struct Holder {
    head: ffi::PyObject,
    fd: i32,
}

/// `pollObject` of `selectmodule.c`, as it begins.
#[repr(C)]
struct Poll {
    head: ffi::PyObject,
    dict: Object,
    up_to_date: i32,
    count: i32,
    asked: *const libc::pollfd,
}

unsafe fn is_as_large<T>(object: Object) -> bool {
    (*ffi::Py_TYPE(object)).tp_basicsize >= size_of::<T>() as isize
}

/// The descriptor of a FileIO or of a socket; negative if it is closed.
///
/// # Safety
/// The GIL is held; `object` is one of these.
#[inline]
pub unsafe fn of(object: Object) -> i32 {
    match is_as_large::<Holder>(object) {
        // SAFETY: the object is as large as the structure.
        true => (*object.cast::<Holder>()).fd,
        false => -1,
    }
}

/// Has a socket another descriptor, of which it is the only holder from now on.
///
/// # Safety
/// The GIL is held; `socket` is one.
pub unsafe fn renumber(socket: Object, fd: i32) {
    if is_as_large::<Holder>(socket) {
        // SAFETY: the object is as large as the structure.
        (*socket.cast::<Holder>()).fd = fd;
    }
}

/// What a `select.poll` asks for, as far as it has been brought up to date.
///
/// # Safety
/// The GIL is held; `object` is one, and is not changed while the answer is in use.
pub unsafe fn polled<'a>(object: Object) -> &'a [libc::pollfd] {
    if !is_as_large::<Poll>(object) {
        return &[];
    }
    // SAFETY: the object is as large as the structure.
    let poll = &*object.cast::<Poll>();
    if poll.asked.is_null() || poll.count <= 0 {
        return &[];
    }
    // SAFETY: the object owns an array of so many.
    std::slice::from_raw_parts(poll.asked, poll.count as usize)
}
