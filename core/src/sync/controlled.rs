//! Locks and sleep under control: try; if it fails, wait for a release; try again. So a thread that
//! waits never keeps the others from running, and the lock is CPython's own as ever.

use super::known::tracked;
use super::original::{self, ORIGINAL};
use super::taking::{granted, is_owned, request, Patience};
use crate::control::{self, Wait, Woken};
use crate::cpython::methods::WithKeywords;
use crate::ops::{self, outcome};
use crate::record::{self, gate, values};
use crate::replay::{self, Attempt};
use pyo3::ffi;
use pyo3::Python;
use std::ptr::null_mut;

type Object = *mut ffi::PyObject;

unsafe fn number(py: Python<'_>, lock: Object) -> Option<u32> {
    record::recording()
        .then(|| tracked(py, lock).map(|state| state.object))
        .flatten()
}

/// Waits for a release of the lock. An error, with an exception set, if a signal's handler raised.
unsafe fn await_release(py: Python<'_>, lock: Object, deadline: Option<u64>) -> Result<Woken, ()> {
    let wait = Wait {
        key: control::object_key(lock),
        deadline,
        op: if number(py, lock).is_some() {
            ops::ACQUIRE
        } else {
            0
        },
        ..Wait::default()
    };
    match control::block(py, wait) {
        Woken::Interrupted if ffi::PyErr_CheckSignals() < 0 => Err(()),
        woken => Ok(woken),
    }
}

/// Records that the thread has to wait for the lock, if that is the program's.
unsafe fn ask(py: Python<'_>, lock: Object, bounded: bool) {
    if let Some(state) = record::recording().then(|| tracked(py, lock)).flatten() {
        request(py, state, bounded);
    }
}

/// Waits for the lock as without control, which has ended.
unsafe fn wait_freely(original: WithKeywords, lock: Object, patience: &Patience) -> Object {
    let arguments = match patience {
        Patience::Bounded(seconds) => {
            ffi::Py_BuildValue(c"(Od)".as_ptr(), ffi::Py_True(), *seconds)
        }
        _ => ffi::PyTuple_New(0),
    };
    if arguments.is_null() {
        return null_mut();
    }
    let taken = original(lock, arguments, null_mut());
    ffi::Py_DECREF(arguments);
    taken
}

unsafe fn try_once(py: Python<'_>, original: WithKeywords, lock: Object) -> Object {
    original(lock, ORIGINAL.not_blocking.copied(py), null_mut())
}

/// `acquire` of a controlled thread; `patience` is known.
pub unsafe fn acquire(
    py: Python<'_>,
    original: WithKeywords,
    reentrant: bool,
    lock: Object,
    patience: Patience,
) -> Object {
    let object = number(py, lock);
    if let Some(object) = object {
        gate::before(py, ops::ACQUIRE, object, 0);
    } else if patience != Patience::None && replay::exactly(py) && original::holds_over_events(py) {
        // Whoever makes the next event takes it first; who has it already goes on.
        if !reentrant || !is_owned(py, lock) {
            gate::before(py, 0, 0, 0);
        }
    }
    let failed = |how| {
        if let Some(object) = object {
            record::event(py, ops::ACQUIRE, object, how, values::ABSENT, 0);
        }
    };
    let patience = match patience {
        Patience::None if object.is_none() && replay::waits_for_turn(py) => Patience::Bounded(0.0),
        given => given,
    };
    let deadline = match patience {
        Patience::Bounded(seconds) => Some(control::now() + (seconds * 1e9) as u64),
        _ => None,
    };
    let mut asked = false;
    loop {
        match object.map_or(Attempt::Unknown, |object| replay::attempt(py, object)) {
            Attempt::Waits if !asked && patience != Patience::None => {
                asked = true;
                ask(py, lock, deadline.is_some());
                // Whoever has it next goes first.
                gate::before(py, ops::ACQUIRE, object.unwrap_or(0), 0);
                continue;
            }
            Attempt::Fails(how) if patience != Patience::Forever => {
                failed(how);
                return ffi::Py_NewRef(ffi::Py_False());
            }
            _ => {}
        }
        let taken = try_once(py, original, lock);
        if taken.is_null() {
            return taken;
        }
        if taken == ffi::Py_True() {
            granted(py, lock, reentrant);
            return taken;
        }
        if matches!(patience, Patience::None) {
            failed(outcome::WOULD_BLOCK);
            return taken;
        }
        if !asked {
            asked = true;
            ask(py, lock, deadline.is_some());
        }
        match await_release(py, lock, deadline) {
            Ok(Woken::TimedOut) => {
                failed(outcome::TIMED_OUT);
                return taken;
            }
            Ok(Woken::Uncontrolled) => {
                ffi::Py_DECREF(taken);
                let taken = wait_freely(original, lock, &patience);
                if taken == ffi::Py_True() {
                    granted(py, lock, reentrant);
                }
                return taken;
            }
            Ok(_) if object.is_none() && deadline.is_some() && replay::times_out(py) => {
                return taken;
            }
            Ok(_) => ffi::Py_DECREF(taken),
            Err(()) => {
                ffi::Py_DECREF(taken);
                failed(outcome::INTERRUPTED);
                return null_mut();
            }
        }
    }
}

/// Takes an RLock `levels` times over, however long it takes: the end of `Condition.wait`.
pub unsafe fn acquire_restore(py: Python<'_>, lock: Object, levels: u32) -> Object {
    if let Some(object) = number(py, lock) {
        gate::before(py, ops::ACQUIRE, object, 0);
        let held = tracked(py, lock).is_some_and(|state| state.depth > 0);
        let waits = replay::attempt(py, object) == Attempt::Waits;
        if waits || held && !replay::exactly(py) {
            ask(py, lock, false);
            gate::before(py, ops::ACQUIRE, object, 0);
        }
    }
    let acquire = ORIGINAL.of_rlock.acquire.copied(py);
    let mut held = 0;
    let mut controlled = true;
    while held < levels {
        let taken = match controlled {
            true => try_once(py, acquire, lock),
            false => wait_freely(acquire, lock, &Patience::Forever),
        };
        if taken.is_null() {
            return taken;
        }
        if taken == ffi::Py_True() {
            held += 1;
        } else {
            match await_release(py, lock, None) {
                Ok(woken) => controlled = woken != Woken::Uncontrolled,
                // CPython does not look at signals here: the handler runs again when it can raise.
                Err(()) => ffi::PyErr_Clear(),
            }
        }
        ffi::Py_DECREF(taken);
    }
    ffi::Py_INCREF(ffi::Py_None());
    ffi::Py_None()
}

/// Before a release: a scheduling point, if the program can tell.
pub unsafe fn before_release(py: Python<'_>, lock: Object) {
    if let Some(object) = number(py, lock) {
        gate::before(py, ops::RELEASE, object, 0);
    }
}

/// After a release: who waits may try again.
#[inline(always)]
pub unsafe fn released(py: Python<'_>, lock: Object) {
    if control::controlled() {
        control::wake(py, control::object_key(lock));
    }
}

/// `time.sleep` in virtual time. Null if a signal's handler raised.
pub fn sleep(py: Python<'_>, seconds: f64) -> Object {
    let wait = Wait {
        deadline: Some(control::now().saturating_add((seconds * 1e9) as u64)),
        op: ops::WAKE,
        ..Wait::default()
    };
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        loop {
            match control::block(py, wait) {
                Woken::Interrupted if ffi::PyErr_CheckSignals() < 0 => return null_mut(),
                Woken::TimedOut | Woken::Uncontrolled => break,
                _ => {}
            }
        }
        ffi::Py_INCREF(ffi::Py_None());
        ffi::Py_None()
    }
}
