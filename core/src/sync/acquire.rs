//! How a lock or a semaphore is taken: the gate says whether it is to be tried, and what it comes to; it is
//! tried; if it is not free, the thread waits for a release and tries again, or, where nobody controls it,
//! as CPython waits. So under control a thread that waits never keeps the others from running, and the
//! lock is CPython's own as ever.

use crate::control::{self, Wait, Woken};
use crate::ops::{self, outcome};
use crate::record::gate::{self, Answer};
use crate::record::{self, values};
use pyo3::ffi;
use pyo3::Python;
use std::ptr::null_mut;

type Object = *mut ffi::PyObject;

/// How a call of `acquire` may wait.
#[derive(Clone, Copy, PartialEq)]
pub enum Patience {
    None,
    /// So many seconds.
    Bounded(f64),
    Forever,
    /// Arguments that the original is to judge.
    Unknown,
}

impl Patience {
    /// The virtual time at which it is over; None: never, or it does not wait at all.
    fn deadline(self) -> Option<u64> {
        match self {
            Patience::Bounded(seconds) if control::controlled() => {
                Some(control::deadline_in(seconds))
            }
            _ => None,
        }
    }
}

/// What is taken.
pub trait Acquired {
    /// The operation that one of these is a part of which is in no event itself: a Condition's wait for a
    /// lock that the standard library makes for it.
    const PART_OF: u8;

    /// The number of its object; None if it is in no event.
    unsafe fn object(&self, py: Python<'_>) -> Option<u32>;

    /// Tries without waiting: a new reference to True or False, or null with an exception.
    unsafe fn attempt(&self, py: Python<'_>) -> Object;

    /// It was taken. `known` is its number if nothing else has run since that was looked up.
    unsafe fn granted(&self, py: Python<'_>, known: Option<u32>);

    /// What a thread waits for under control that waits for a release.
    unsafe fn key(&self) -> u64;

    /// Whether this one, which is in no event, is held while events are made, so that it has to be taken
    /// in their order.
    unsafe fn is_held_over_events(&self, _py: Python<'_>) -> bool {
        false
    }
}

/// Records that the calling thread has to wait.
pub fn request(py: Python<'_>, object: u32, bounded: bool) {
    let (tag, bits) = values::text(py, b"acquire");
    let how = if bounded {
        outcome::BOUNDED
    } else {
        outcome::OK
    };
    record::event(py, ops::REQUEST, object, how, tag, bits);
}

/// Records that it does not get what it is not to wait for, or has waited for.
fn failed(py: Python<'_>, object: Option<u32>, how: u8) {
    if let Some(object) = object {
        record::event(py, ops::ACQUIRE, object, how, values::ABSENT, 0);
    }
}

/// Waits for a release under control. An error, with an exception set, if a signal's handler raised.
pub unsafe fn await_release(
    py: Python<'_>,
    it: &impl Acquired,
    deadline: Option<u64>,
) -> Result<Woken, ()> {
    if gate::is_open() {
        return Ok(Woken::Uncontrolled);
    }
    let wait = Wait {
        key: it.key(),
        deadline,
        op: it.object(py).map_or(0, |_| ops::ACQUIRE),
        ..Wait::default()
    };
    match control::block(py, wait) {
        Woken::Interrupted if ffi::PyErr_CheckSignals() < 0 => Err(()),
        woken => Ok(woken),
    }
}

/// Takes it: a new reference to True or False, or null with an exception. `original` is the call as CPython
/// makes it.
#[inline(always)]
pub unsafe fn acquire<A: Acquired>(
    py: Python<'_>,
    it: &A,
    patience: impl FnOnce() -> Patience,
    original: impl FnOnce() -> Object,
) -> Object {
    let object = it.object(py);
    if object.is_none() && gate::is_open() {
        return original();
    }
    let patience = patience();
    if patience == Patience::Unknown {
        return done(py, it, object, original(), None);
    }
    let answer = match object {
        Some(object) => gate::ask(py, ops::ACQUIRE, object),
        None => pass_within(py, it, patience),
    };
    let tries = matches!(answer, Answer::Go | Answer::Is(_));
    if tries {
        let taken = it.attempt(py);
        if taken != ffi::Py_False() {
            return granted(py, it, object, taken);
        }
        ffi::Py_DECREF(taken);
    }
    obey(py, it, object, patience, answer, original)
}

/// The gate of what is in no event itself.
#[cold]
unsafe fn pass_within<A: Acquired>(py: Python<'_>, it: &A, patience: Patience) -> Answer<'static> {
    if patience != Patience::None && gate::is_settled(py) && it.is_held_over_events(py) {
        // Whoever makes the next event takes it first.
        gate::before(py, 0, 0, 0);
    }
    gate::answer_within(py, A::PART_OF, false)
}

/// The rest of an acquire, which the gate has not let take it, or which has not got it at once.
#[inline(never)]
unsafe fn obey<A: Acquired>(
    py: Python<'_>,
    it: &A,
    object: Option<u32>,
    mut patience: Patience,
    mut answer: Answer<'static>,
    original: impl FnOnce() -> Object,
) -> Object {
    if object.is_none() && patience == Patience::None && answer == Answer::Wait {
        patience = Patience::Bounded(0.0);
    }
    let deadline = patience.deadline();
    let bounded = matches!(patience, Patience::Bounded(_));
    let mut asked = false;
    let mut tried = matches!(answer, Answer::Go | Answer::Is(_));
    loop {
        match (answer, object) {
            (Answer::Wait, Some(object)) if !asked && patience != Patience::None => {
                asked = true;
                request(py, object, bounded);
                // Whoever has it next goes first.
                answer = gate::ask(py, ops::ACQUIRE, object);
                continue;
            }
            (Answer::Fails(how), _) if patience != Patience::Forever => {
                failed(py, object, how);
                return ffi::Py_NewRef(ffi::Py_False());
            }
            _ => {}
        }
        if !std::mem::take(&mut tried) {
            let taken = it.attempt(py);
            if taken != ffi::Py_False() {
                return granted(py, it, None, taken);
            }
            ffi::Py_DECREF(taken);
        }
        if patience == Patience::None {
            failed(py, object, outcome::WOULD_BLOCK);
            return ffi::Py_NewRef(ffi::Py_False());
        }
        if let Some(object) = object.filter(|_| !asked) {
            request(py, object, bounded);
        }
        asked = true;
        match await_release(py, it, deadline) {
            Ok(Woken::Uncontrolled) => {
                return done(py, it, object, original(), Some(outcome::TIMED_OUT));
            }
            Ok(Woken::TimedOut) => {
                failed(py, object, outcome::TIMED_OUT);
                return ffi::Py_NewRef(ffi::Py_False());
            }
            Ok(_) => {}
            Err(()) => {
                failed(py, object, outcome::INTERRUPTED);
                return null_mut();
            }
        }
        answer = match object {
            Some(object) => gate::answer(py, ops::ACQUIRE, object),
            None => gate::answer_within(py, A::PART_OF, true),
        };
    }
}

/// What an attempt came to that was not in vain: True, or null with an exception.
#[inline(always)]
unsafe fn granted(py: Python<'_>, it: &impl Acquired, known: Option<u32>, taken: Object) -> Object {
    if !taken.is_null() {
        it.granted(py, known);
    }
    taken
}

/// What CPython's own call came to, which may have waited if it has an outcome for having done so in vain.
unsafe fn done(
    py: Python<'_>,
    it: &impl Acquired,
    object: Option<u32>,
    taken: Object,
    late: Option<u8>,
) -> Object {
    if taken == ffi::Py_True() {
        it.granted(py, None);
    } else if !taken.is_null() {
        failed(py, object, late.unwrap_or(outcome::WOULD_BLOCK));
    } else if late.is_some() {
        failed(py, object, outcome::INTERRUPTED);
    }
    taken
}
