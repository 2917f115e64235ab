//! The C structure behind a `_thread.lock`. Where it is known, a free lock is taken by one atomic
//! operation and its state is one load; through CPython's functions both take as long as an event.
//!
//! Versions: 3.11 to 3.13, where CPython makes its locks of semaphores. At the start a new lock is looked
//! at while it is free, held and free again. Elsewhere nothing is taken or told here, and the caller
//! asks CPython's functions.

use crate::gil::Gil;
use pyo3::ffi;
use std::mem::size_of;

type Object = *mut ffi::PyObject;

/// `lockobject` of `_threadmodule.c`, 3.11 to 3.13.
#[repr(C)]
struct Lock {
    base: ffi::PyObject,
    semaphore: *mut libc::sem_t,
    weak_references: Object,
    locked: u8,
}

static KNOWN: Gil<bool> = Gil::new(false);

/// Finds out whether locks are as expected.
///
/// # Safety
/// The GIL is held; `lock` is a new `_thread.lock`. Its own functions are `acquire`, which does not wait,
/// and `release`; both return a new reference or null. No exception is set, before or after.
pub unsafe fn init(
    lock: Object,
    acquire: impl FnOnce(Object) -> Object,
    release: impl FnOnce(Object) -> Object,
) {
    let size = (*ffi::Py_TYPE(lock)).tp_basicsize;
    if cfg!(Py_3_14) || size != size_of::<Lock>() as isize || !semaphores() {
        return;
    }
    let free = is(lock, 0);
    let taken = acquire(lock);
    let held = is(lock, 1);
    let released = release(lock);
    *KNOWN.get() = free && held && is(lock, 0);
    ffi::Py_XDECREF(taken);
    ffi::Py_XDECREF(released);
    ffi::PyErr_Clear();
}

unsafe fn is(lock: Object, locked: u8) -> bool {
    let lock = lock.cast::<Lock>();
    let mut value = -1;
    libc::sem_getvalue((*lock).semaphore, &mut value);
    (*lock).locked == locked && value == i32::from(1 - locked)
}

/// Whether CPython makes its locks of semaphores.
unsafe fn semaphores() -> bool {
    let info = ffi::PySys_GetObject(c"thread_info".as_ptr());
    if info.is_null() {
        return false;
    }
    let kind = ffi::PyObject_GetAttrString(info, c"lock".as_ptr());
    let known = !kind.is_null()
        && ffi::PyUnicode_Check(kind) != 0
        && ffi::PyUnicode_CompareWithASCIIString(kind, c"semaphore".as_ptr()) == 0;
    ffi::Py_XDECREF(kind);
    ffi::PyErr_Clear();
    known
}

/// Takes the lock if that is possible at once.
///
/// # Safety
/// The GIL is held; `lock` is a `_thread.lock`.
#[inline(always)]
pub unsafe fn take(lock: Object) -> bool {
    let lock = lock.cast::<Lock>();
    if !*KNOWN.get() || libc::sem_trywait((*lock).semaphore) != 0 {
        return false;
    }
    (*lock).locked = 1;
    true
}

/// Whether somebody holds the lock; None where that is not known here.
///
/// # Safety
/// The GIL is held; `lock` is a `_thread.lock`.
#[inline(always)]
pub unsafe fn is_held(lock: Object) -> Option<bool> {
    (*KNOWN.get()).then(|| (*lock.cast::<Lock>()).locked != 0)
}
