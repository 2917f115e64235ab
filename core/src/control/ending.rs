//! How a run ends that the controller ends.

use super::page::state;
use super::slots::{self, page, process};
use pyo3::ffi;
use std::ffi::c_void;
use std::sync::atomic::Ordering;

/// The exit status of a run that the controller ends.
pub const STATUS: i32 = 1;

/// Wakes a thread of a process that is to end; it will end it, and then the next.
///
/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
pub unsafe fn pass_on() {
    // Who is outside ends its process when it comes back.
    let alive = slots::in_use().iter().find(|slot| {
        let state = slot.state.load(Ordering::SeqCst);
        state != state::FREE && state != state::OUTSIDE
    });
    if let Some(slot) = alive {
        slot.go.give();
    }
}

/// A thread that computes, and is not under control, ends this process where Python lets it.
pub fn end_soon() {
    extern "C" fn now(_: *mut c_void) -> i32 {
        // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
        unsafe { end_process() }
    }
    // SAFETY: the function lives as long as the process.
    unsafe { ffi::Py_AddPendingCall(Some(now), std::ptr::null_mut()) };
}

/// Ends the processes that have not ended by themselves, for all their threads are in something else.
///
/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
pub unsafe fn kill_rest() {
    let own = std::process::id();
    for slot in slots::in_use() {
        let pid = slot.pid.load(Ordering::SeqCst);
        let alive = slot.state.swap(state::FREE, Ordering::SeqCst) != state::FREE;
        if alive && pid != 0 && pid != own {
            libc::kill(pid as i32, libc::SIGKILL);
        }
    }
    libc::_exit(STATUS)
}

/// Ends this process: all of the run are to end. What was written to the standard streams goes out.
///
/// # Safety
/// The calling thread has the baton, or the GIL while nobody else can get it.
pub unsafe fn end_process() -> ! {
    let run = page();
    // Nobody waits any more: what is flushed passes no scheduling point.
    slots::MINE.set(0);
    for name in [c"stdout", c"stderr"] {
        let stream = ffi::PySys_GetObject(name.as_ptr());
        // Only the interpreter's own: a stream of the program's might wait for a lock.
        if !stream.is_null() && is_plain(stream) {
            ffi::Py_XDECREF(ffi::PyObject_CallMethod(
                stream,
                c"flush".as_ptr(),
                std::ptr::null(),
            ));
        }
        ffi::PyErr_Clear();
    }
    for slot in run.slots.iter().filter(|slot| slot.process == process()) {
        slot.state.store(state::FREE, Ordering::SeqCst);
    }
    pass_on();
    libc::_exit(STATUS)
}

unsafe fn is_plain(stream: *mut ffi::PyObject) -> bool {
    let io = ffi::PyImport_ImportModule(c"_io".as_ptr());
    if io.is_null() {
        return false;
    }
    let kind = ffi::PyObject_GetAttrString(io, c"TextIOWrapper".as_ptr());
    ffi::Py_DECREF(io);
    let same = ffi::Py_TYPE(stream).cast() == kind;
    ffi::Py_XDECREF(kind);
    same
}
