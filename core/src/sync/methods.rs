//! The functions that stand in for the locks' methods: record, and call the original.

use super::controlled;
use super::known::{remember, track, tracked};
use super::original::{called_by_program, made_by_program, ORIGINAL};
use super::taking::{answers_true, granted, is_held, is_owned, request, Patience};
use crate::control;
use crate::cpython::lock_methods::{Methods, Originals};
use crate::cpython::locks;
use crate::cpython::methods::{TwoArguments, WithKeywords};
use crate::ops::{self, outcome};
use crate::record::{self, gate, values};
use crate::replay;
use pyo3::ffi;
use pyo3::Python;
use std::ptr::null_mut;

type Object = *mut ffi::PyObject;

// "C-unwind": nothing is assumed of CPython's functions, which these call and stand in for.

unsafe fn how_long(args: Object, kwargs: Object) -> Patience {
    if kwargs.is_null() && ffi::PyTuple_Size(args) == 0 {
        return Patience::Forever;
    }
    let given = ffi::PyTuple_Size(args);
    let keyword = |name: &std::ffi::CStr| match kwargs.is_null() {
        true => null_mut(),
        false => ffi::PyDict_GetItemString(kwargs, name.as_ptr()),
    };
    let argument = |place, name| match given > place {
        true => ffi::PyTuple_GetItem(args, place),
        false => keyword(name),
    };
    let blocking = argument(0, c"blocking");
    let timeout = argument(1, c"timeout");
    let named = match kwargs.is_null() {
        true => 0,
        false => ffi::PyDict_Size(kwargs),
    };
    let known = isize::from(!blocking.is_null()) + isize::from(!timeout.is_null());
    if given + named != known {
        return Patience::Unknown;
    }
    if !blocking.is_null() {
        let exact = ffi::Py_TYPE(blocking);
        if exact != &raw mut ffi::PyBool_Type && exact != &raw mut ffi::PyLong_Type {
            return Patience::Unknown;
        }
        if ffi::PyObject_IsTrue(blocking) == 0 {
            return Patience::None;
        }
    }
    if timeout.is_null() {
        return Patience::Forever;
    }
    let exact = ffi::Py_TYPE(timeout);
    if exact != &raw mut ffi::PyFloat_Type && exact != &raw mut ffi::PyLong_Type {
        return Patience::Unknown;
    }
    let seconds = ffi::PyFloat_AsDouble(timeout);
    if !ffi::PyErr_Occurred().is_null() {
        ffi::PyErr_Clear();
        return Patience::Unknown;
    }
    match seconds {
        -1.0 => Patience::Forever,
        // Longer than CPython takes (TIMEOUT_MAX): its error, not ours.
        s if (0.0..1e9).contains(&s) => Patience::Bounded(s),
        _ => Patience::Unknown,
    }
}

unsafe fn acquire(
    py: Python<'_>,
    original: WithKeywords,
    reentrant: bool,
    lock: Object,
    args: Object,
    kwargs: Object,
) -> Object {
    if control::mine() {
        let patience = how_long(args, kwargs);
        if patience != Patience::Unknown {
            return controlled::acquire(py, original, reentrant, lock, patience);
        }
    }
    let Some(state) = record::recording().then(|| tracked(py, lock)).flatten() else {
        return original(lock, args, kwargs);
    };
    let object = state.object;
    let patience = how_long(args, kwargs);
    let bounded = matches!(patience, Patience::Bounded(_));
    let waits = bounded || patience == Patience::Forever;
    if waits && !reentrant && locks::take(py, lock) {
        record::event(py, ops::ACQUIRE, object, outcome::OK, values::ABSENT, 0);
        return ffi::Py_NewRef(ffi::Py_True());
    }
    if waits {
        // First without waiting: the common case is one event.
        let taken = original(lock, ORIGINAL.not_blocking.copied(py), null_mut());
        if taken.is_null() {
            return taken;
        }
        if taken == ffi::Py_True() {
            granted(py, lock, reentrant);
            return taken;
        }
        ffi::Py_DECREF(taken);
        request(py, state, bounded);
    }
    let taken = original(lock, args, kwargs);
    if taken == ffi::Py_True() {
        granted(py, lock, reentrant);
    } else if !taken.is_null() || waits {
        let how = match (taken.is_null(), waits) {
            (true, _) => outcome::INTERRUPTED,
            (false, true) => outcome::TIMED_OUT,
            (false, false) => outcome::WOULD_BLOCK,
        };
        record::event(py, ops::ACQUIRE, object, how, values::ABSENT, 0);
    }
    taken
}

/// Records a release that is about to succeed: before it, so that no acquire it allows is earlier.
#[inline(always)]
unsafe fn releasing(
    py: Python<'_>,
    lock: Object,
    all: bool,
    held: unsafe fn(Python<'_>, Object) -> bool,
) {
    let Some(state) = record::recording().then(|| tracked(py, lock)).flatten() else {
        return;
    };
    if !held(py, lock) {
        return;
    }
    // Depth 0 here is a lock that was taken before it was tracked.
    let left = if all {
        0
    } else {
        state.depth.saturating_sub(1)
    };
    let (tag, bits) = match state.depth {
        0 => (values::ABSENT, 0),
        _ => (values::INT, u64::from(left)),
    };
    state.depth = left;
    record::event(py, ops::RELEASE, state.object, outcome::OK, tag, bits);
}

/// A release, by the function `original`.
#[inline(always)]
unsafe fn released(
    py: Python<'_>,
    lock: Object,
    args: Object,
    held: unsafe fn(Python<'_>, Object) -> bool,
    original: TwoArguments,
) -> Object {
    let controlled = control::mine();
    if controlled {
        controlled::before_release(py, lock);
    }
    releasing(py, lock, false, held);
    let done = original(lock, args);
    controlled::released(py, lock);
    done
}

/// What stands in the place of the methods of `_thread.lock`
pub struct OfLock;

impl Methods for OfLock {
    #[inline(always)]
    unsafe fn acquire(py: Python<'_>, lock: Object, args: Object, kwargs: Object) -> Object {
        let original = Self::originals().acquire.copied(py);
        acquire(py, original, false, lock, args, kwargs)
    }

    #[inline(always)]
    unsafe fn exit(py: Python<'_>, lock: Object) -> Object {
        released(
            py,
            lock,
            null_mut(),
            is_held,
            Self::originals().exit.copied(py),
        )
    }

    fn originals() -> &'static Originals {
        &ORIGINAL.of_lock
    }
}

/// and of `_thread.RLock`.
pub struct OfRLock;

impl Methods for OfRLock {
    #[inline(always)]
    unsafe fn acquire(py: Python<'_>, lock: Object, args: Object, kwargs: Object) -> Object {
        let original = Self::originals().acquire.copied(py);
        acquire(py, original, true, lock, args, kwargs)
    }

    #[inline(always)]
    unsafe fn exit(py: Python<'_>, lock: Object) -> Object {
        released(
            py,
            lock,
            null_mut(),
            is_owned,
            Self::originals().exit.copied(py),
        )
    }

    fn originals() -> &'static Originals {
        &ORIGINAL.of_rlock
    }
}

pub unsafe extern "C-unwind" fn lock_release(lock: Object, unused: Object) -> Object {
    let py = Python::assume_attached();
    released(py, lock, unused, is_held, ORIGINAL.lock_release.copied(py))
}

/// In a replay it says what it said in the recording: there a lock is taken before the thread that
/// takes it has the GIL to record that.
unsafe fn looked(py: Python<'_>, original: TwoArguments, lock: Object, unused: Object) -> Object {
    let state = record::recording().then(|| tracked(py, lock)).flatten();
    let object = state.map(|state| state.object);
    let Some(object) = object.filter(|_| called_by_program(py)) else {
        return original(lock, unused);
    };
    if control::mine() {
        gate::before(py, ops::LOOK, object, 0);
    }
    let held = replay::answer(py, ops::LOOK).unwrap_or_else(|| answers_true(original, lock));
    let tag = if held { values::TRUE } else { values::FALSE };
    record::event(py, ops::LOOK, object, outcome::OK, tag, 0);
    ffi::PyBool_FromLong(held.into())
}

pub unsafe extern "C-unwind" fn lock_locked(lock: Object, unused: Object) -> Object {
    let py = Python::assume_attached();
    looked(py, ORIGINAL.lock_locked.copied(py), lock, unused)
}

pub unsafe extern "C-unwind" fn rlock_locked(lock: Object, unused: Object) -> Object {
    let py = Python::assume_attached();
    looked(py, ORIGINAL.rlock_locked.copied(py), lock, unused)
}

pub unsafe extern "C-unwind" fn rlock_release(lock: Object, unused: Object) -> Object {
    let py = Python::assume_attached();
    released(
        py,
        lock,
        unused,
        is_owned,
        ORIGINAL.rlock_release.copied(py),
    )
}

/// `Condition.wait` gives up all levels at once …
pub unsafe extern "C-unwind" fn rlock_release_save(lock: Object, unused: Object) -> Object {
    let py = Python::assume_attached();
    let controlled = control::mine();
    if controlled {
        controlled::before_release(py, lock);
    }
    let depth = tracked(py, lock).map_or(0, |state| state.depth);
    releasing(py, lock, true, is_owned);
    let saved = (ORIGINAL.rlock_release_save.copied(py))(lock, unused);
    if saved.is_null() {
        if let Some(state) = tracked(py, lock) {
            state.depth = depth;
        }
    } else {
        controlled::released(py, lock);
    }
    saved
}

/// … and takes them back.
pub unsafe extern "C-unwind" fn rlock_acquire_restore(lock: Object, args: Object) -> Object {
    let py = Python::assume_attached();
    let restore = |lock, args| match control::mine() {
        true => controlled::acquire_restore(py, lock, saved_depth(args)),
        false => (ORIGINAL.rlock_acquire_restore.copied(py))(lock, args),
    };
    let Some(state) = record::recording().then(|| tracked(py, lock)).flatten() else {
        return restore(lock, args);
    };
    if state.depth > 0 && !control::mine() {
        request(py, state, false);
    }
    let done = restore(lock, args);
    if !done.is_null() {
        let levels = saved_depth(args).max(1);
        if let Some(state) = tracked(py, lock) {
            state.depth = levels - 1;
        }
        granted(py, lock, true);
    }
    done
}

/// The argument is `(count, owner)`, which some versions put into a tuple.
unsafe fn saved_depth(args: Object) -> u32 {
    let mut depth = 0;
    let mut state = args;
    if ffi::PyTuple_Check(state) != 0 && ffi::PyTuple_Size(state) == 1 {
        state = ffi::PyTuple_GetItem(state, 0);
    }
    if ffi::PyTuple_Check(state) != 0 && ffi::PyTuple_Size(state) == 2 {
        depth = ffi::PyLong_AsLong(ffi::PyTuple_GetItem(state, 0));
    }
    ffi::PyErr_Clear();
    u32::try_from(depth).unwrap_or(0)
}

pub unsafe extern "C-unwind" fn allocate(module: Object, unused: Object) -> Object {
    let py = Python::assume_attached();
    made(py, (ORIGINAL.allocate.copied(py))(module, unused))
}

/// Where CPython has this function, a thread's end is the release of a lock, of which no method of ours is called.
pub unsafe extern "C-unwind" fn set_sentinel(module: Object, unused: Object) -> Object {
    let py = Python::assume_attached();
    let lock = (ORIGINAL.set_sentinel.copied(py))(module, unused);
    if !lock.is_null() {
        control::released_at_end(lock);
    }
    lock
}

pub unsafe extern "C-unwind" fn lock_new(kind: Object, args: Object, kwargs: Object) -> Object {
    let py = Python::assume_attached();
    made(py, (ORIGINAL.lock_new.copied(py))(kind, args, kwargs))
}

pub unsafe extern "C-unwind" fn rlock_new(kind: Object, args: Object, kwargs: Object) -> Object {
    let py = Python::assume_attached();
    made(py, (ORIGINAL.rlock_new.copied(py))(kind, args, kwargs))
}

unsafe fn made(py: Python<'_>, lock: Object) -> Object {
    if !lock.is_null() && !record::elsewhere() && made_by_program(py) {
        if record::recording() {
            track(py, lock);
        } else {
            remember(py, lock);
        }
    }
    lock
}
