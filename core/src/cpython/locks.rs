//! The C structure behind a `_thread.lock`. Where it is known, a free lock is taken by one atomic
//! operation and its state is one load; through CPython's functions both take as long as an event.
//!
//! Versions: 3.11 to 3.13, where CPython makes its locks of semaphores, and 3.14 to 3.15, where each is a
//! byte.
//! Check: at the start a new lock is looked at while it is free, held and free again.
//! Elsewhere: nothing is taken or told here, and the caller asks CPython's functions.
//! Safe: only what is of that type is looked at, and taken by the operation that CPython takes it by.

use crate::gil::Gil;
use pyo3::ffi;
use pyo3::Python;
use std::mem::size_of;

type Object = *mut ffi::PyObject;

/// `lockobject` of `_threadmodule.c`.
#[cfg(not(Py_3_14))]
#[repr(C)]
struct Lock {
    base: ffi::PyObject,
    semaphore: *mut libc::sem_t,
    weak_references: Object,
    locked: u8,
}

#[cfg(not(Py_3_14))]
impl Lock {
    #[inline(always)]
    fn take(&mut self) -> bool {
        // SAFETY: the semaphore is the lock's, and lives as long as it.
        let taken = unsafe { libc::sem_trywait(self.semaphore) == 0 };
        if taken {
            self.locked = 1;
        }
        taken
    }

    #[inline(always)]
    fn is_held(&self) -> bool {
        self.locked != 0
    }

    fn is(&self, locked: u8) -> bool {
        let mut value = -1;
        // SAFETY: the semaphore is the lock's, and lives as long as it.
        unsafe { libc::sem_getvalue(self.semaphore, &mut value) };
        self.locked == locked && value == i32::from(1 - locked)
    }

    /// Whether CPython makes its locks of semaphores.
    fn is_kind(_: Python<'_>) -> bool {
        // SAFETY: the GIL is held, and the objects are live.
        unsafe {
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
    }
}

/// The lock of `_threadmodule.c`, whose whole state is a `PyMutex`: the lowest bit says that somebody
/// holds it, the next that somebody waits.
#[cfg(Py_3_14)]
#[repr(C)]
struct Lock {
    base: ffi::PyObject,
    mutex: std::sync::atomic::AtomicU8,
}

#[cfg(Py_3_14)]
impl Lock {
    #[inline(always)]
    fn take(&mut self) -> bool {
        use std::sync::atomic::Ordering;
        let found = self.mutex.load(Ordering::Relaxed);
        let taken = found | 1;
        found != taken
            && self
                .mutex
                .compare_exchange(found, taken, Ordering::AcqRel, Ordering::Relaxed)
                .is_ok()
    }

    #[inline(always)]
    fn is_held(&self) -> bool {
        self.mutex.load(std::sync::atomic::Ordering::Relaxed) & 1 != 0
    }

    fn is(&self, locked: u8) -> bool {
        self.mutex.load(std::sync::atomic::Ordering::Relaxed) == locked
    }

    fn is_kind(_: Python<'_>) -> bool {
        cfg!(not(Py_3_16))
    }
}

static KNOWN: Gil<bool> = Gil::new(false);

/// Finds out whether locks are as expected.
///
/// # Safety
/// `lock` is a new `_thread.lock`. Its own functions are `acquire`, which does not wait, and
/// `release`; both return a new reference or null. No exception is set, before or after.
pub unsafe fn init(
    py: Python<'_>,
    lock: Object,
    acquire: impl FnOnce(Object) -> Object,
    release: impl FnOnce(Object) -> Object,
) {
    let size = (*ffi::Py_TYPE(lock)).tp_basicsize;
    if size != size_of::<Lock>() as isize || !Lock::is_kind(py) {
        return;
    }
    let state = lock.cast::<Lock>();
    let free = (*state).is(0);
    let taken = acquire(lock);
    let held = (*state).is(1);
    let released = release(lock);
    KNOWN.set(py, free && held && (*state).is(0));
    ffi::Py_XDECREF(taken);
    ffi::Py_XDECREF(released);
    ffi::PyErr_Clear();
}

/// Takes the lock if that is possible at once.
///
/// # Safety
/// `lock` is a `_thread.lock`.
#[inline(always)]
pub unsafe fn take(py: Python<'_>, lock: Object) -> bool {
    KNOWN.copied(py) && (*lock.cast::<Lock>()).take()
}

/// Whether somebody holds the lock; None where that is not known here.
///
/// # Safety
/// `lock` is a `_thread.lock`.
#[inline(always)]
pub unsafe fn is_held(py: Python<'_>, lock: Object) -> Option<bool> {
    KNOWN.copied(py).then(|| (*lock.cast::<Lock>()).is_held())
}
