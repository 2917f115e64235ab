//! STEPs of calls, each on the object of that call's name, with a text: what came out of it, and in a replay
//! what is to come out.

use super::Object;
use crate::ops::{self, outcome};
use crate::record::{self, gate, uses, values};
use crate::replay;
use crate::schedule;
use pyo3::prelude::*;
use pyo3::{ffi, PyErr};

/// How a call of the recording ended.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Told {
    /// With these words.
    Came(&'static str),
    /// There was nothing, and it was not to wait.
    Again,
    /// Its time was over.
    Late,
}

impl Told {
    pub fn words(self) -> &'static str {
        match self {
            Told::Came(words) => words,
            _ => "",
        }
    }
}

/// The calling thread's turn has come, and what is to come out of the call `name` by the trace.
pub unsafe fn turn(name: &str) -> Option<Told> {
    gate::before(ops::STEP, uses::object(name), 0);
    told(name)
}

/// What is to come out of the call `name`, if the calling thread's turn has come.
pub unsafe fn told(name: &str) -> Option<Told> {
    match replay::exactly() {
        true => expected(name),
        false => None,
    }
}

/// The same, also in a run that goes on where it is another than the recorded one.
pub unsafe fn expected(name: &str) -> Option<Told> {
    let (_, text) = (schedule::controlled() && replay::comes(ops::STEP, uses::object(name)))
        .then(|| replay::due(ops::STEP).and_then(|event| replay::value(event)))
        .flatten()?;
    match std::str::from_utf8(text).ok()? {
        "again" => Some(Told::Again),
        "late" => Some(Told::Late),
        "failed" => None,
        words => Some(Told::Came(words)),
    }
}

/// Records that the call `name` came out so.
pub unsafe fn step(name: &str, words: &str) {
    let (tag, bits) = values::text(words.as_bytes());
    record::event(ops::STEP, uses::object(name), outcome::OK, tag, bits);
}

/// Records that the call `name` has failed, of which the exception is set.
pub unsafe fn failed(name: &str) {
    let py = Python::assume_attached();
    let Some(error) = PyErr::take(py) else { return };
    use pyo3::exceptions::{PyBlockingIOError, PyKeyboardInterrupt, PyTimeoutError};
    let (how, outcome) = if error.is_instance_of::<PyBlockingIOError>(py) {
        ("again", outcome::OK)
    } else if error.is_instance_of::<PyTimeoutError>(py) {
        ("late", outcome::OK)
    } else if error.is_instance_of::<PyKeyboardInterrupt>(py) {
        ("failed", outcome::INTERRUPTED)
    } else {
        ("failed", outcome::OK)
    };
    let (tag, bits) = values::text(how.as_bytes());
    record::event(ops::STEP, uses::object(name), outcome, tag, bits);
    error.restore(py);
}

/// Raises what the call of the recording did; null.
pub unsafe fn raise(late: bool) -> Object {
    if late {
        ffi::PyErr_SetString(ffi::PyExc_TimeoutError, c"timed out".as_ptr());
    } else {
        *libc::__errno_location() = libc::EAGAIN;
        ffi::PyErr_SetFromErrno(ffi::PyExc_OSError);
    }
    std::ptr::null_mut()
}
