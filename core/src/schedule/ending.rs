//! How threads and runs end under control.

use super::controller::{self, page, process};
use super::page::state;
use super::{processes, threads};
use crate::cpython::methods::{replace, FastWithKeywords};
use crate::gil::Gil;
use crate::ops;
use pyo3::ffi;
use std::ffi::c_void;
use std::sync::atomic::Ordering;
use std::sync::OnceLock;

/// The exit status of a run that the controller ends.
pub const STATUS: i32 = 1;

static EXIT: Gil<Option<FastWithKeywords>> = Gil::new(None);

/// `os._exit`: a scheduling point before it, for it ends all threads where they are.
unsafe extern "C-unwind" fn exit(
    module: *mut ffi::PyObject,
    arguments: *const *mut ffi::PyObject,
    given: ffi::Py_ssize_t,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    if controller::controlled() {
        controller::point(ops::END, 0, 0);
        if given > 0 && ffi::PyLong_Check(*arguments) != 0 {
            processes::leave();
        }
    }
    match *EXIT.get() {
        Some(original) => original(module, arguments, given, names),
        None => std::ptr::null_mut(),
    }
}

/// Puts the function in the place of CPython's; a second call does nothing.
///
/// # Safety
/// The GIL is held.
pub unsafe fn install() {
    if (*EXIT.get()).is_some() {
        return;
    }
    let posix = ffi::PyImport_ImportModule(c"posix".as_ptr());
    let form = ffi::METH_FASTCALL | ffi::METH_KEYWORDS;
    replace(posix, c"_exit", form, &EXIT, exit as FastWithKeywords);
    ffi::PyErr_Clear();
}

static KEY: OnceLock<libc::pthread_key_t> = OnceLock::new();

/// A thread gives the baton on when it has ended for the system: after its thread state, and all
/// that it did in the program, have gone. A thread that dies in any way comes here.
unsafe extern "C" fn ended(slot: *mut c_void) {
    if controller::controlled() {
        threads::leave(slot as usize - 1);
    }
}

pub unsafe fn notice_end(slot: usize) {
    let key = KEY.get_or_init(|| {
        let mut key = 0;
        libc::pthread_key_create(&mut key, Some(ended));
        key
    });
    libc::pthread_setspecific(*key, (slot + 1) as *const c_void);
}

/// The process ends in the way that all do, with `exit`: after the interpreter has.
extern "C" fn exiting() {
    unsafe { processes::leave() };
}

pub fn notice_exit() {
    unsafe { libc::atexit(exiting) };
}

/// After a fork the child's thread is not the parent's.
pub unsafe fn forget() {
    if let Some(&key) = KEY.get() {
        libc::pthread_setspecific(key, std::ptr::null());
    }
}

/// Wakes a thread of a process that is to end; it will end it, and then the next.
pub unsafe fn pass_on() {
    // Who is outside ends its process when it comes back.
    let alive = controller::in_use().iter().find(|slot| {
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
        unsafe { end_process() }
    }
    unsafe { ffi::Py_AddPendingCall(Some(now), std::ptr::null_mut()) };
}

/// Ends the processes that have not ended by themselves, for all their threads are in something else.
pub unsafe fn kill_rest() {
    let own = std::process::id();
    for slot in controller::in_use() {
        let pid = slot.pid.load(Ordering::SeqCst);
        let alive = slot.state.swap(state::FREE, Ordering::SeqCst) != state::FREE;
        if alive && pid != 0 && pid != own {
            libc::kill(pid as i32, libc::SIGKILL);
        }
    }
    libc::_exit(STATUS)
}

/// Ends this process: all of the run are to end. What was written to the standard streams goes out.
pub unsafe fn end_process() -> ! {
    let run = page();
    // Nobody waits any more: what is flushed passes no scheduling point.
    controller::MINE.set(0);
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
