//! STEPs of calls, each on the object of that call's name, with a text: what came out of it, and in a replay
//! what is to come out.

use super::Object;
use crate::ops::{self, outcome};
use crate::record::{self, gate, uses, values};
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
pub fn turn(py: Python<'_>, name: &str) -> Option<Told> {
    gate::before(py, ops::STEP, uses::object(py, name), 0);
    told(py, name)
}

/// What is to come out of the call `name`, if the calling thread's turn has come.
pub fn told(py: Python<'_>, name: &str) -> Option<Told> {
    match gate::is_settled(py) {
        true => expected(py, name),
        false => None,
    }
}

/// The same, also in a run that goes on where it is another than the recorded one.
pub fn expected(py: Python<'_>, name: &str) -> Option<Told> {
    let text = gate::answer(py, ops::STEP, uses::object(py, name)).text()?;
    match std::str::from_utf8(text).ok()? {
        "again" => Some(Told::Again),
        "late" => Some(Told::Late),
        "failed" => None,
        words => Some(Told::Came(words)),
    }
}

/// Records that the call `name` came out so.
pub fn step(py: Python<'_>, name: &str, words: &str) {
    let (tag, bits) = values::text(py, words.as_bytes());
    record::event(
        py,
        ops::STEP,
        uses::object(py, name),
        outcome::OK,
        tag,
        bits,
    );
}

/// Records that the call `name` has failed, of which the exception is set.
pub fn failed(py: Python<'_>, name: &str) {
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
    let (tag, bits) = values::text(py, how.as_bytes());
    record::event(py, ops::STEP, uses::object(py, name), outcome, tag, bits);
    error.restore(py);
}

/// Raises what the call of the recording did; null.
pub fn raise(_: Python<'_>, late: bool) -> Object {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        if late {
            ffi::PyErr_SetString(ffi::PyExc_TimeoutError, c"timed out".as_ptr());
        } else {
            *libc::__errno_location() = libc::EAGAIN;
            ffi::PyErr_SetFromErrno(ffi::PyExc_OSError);
        }
    }
    std::ptr::null_mut()
}
