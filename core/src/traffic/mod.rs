//! What comes through sockets: the order in which connections are accepted, how much is read at once, and
//! what `select` and its like find, are STEPs of the threads that ask, so that a replay gets the same.
//!
//! A STEP is on the call's name, its text is what came: `recv`, `97`. Where a call waits for nothing else than its turn it is
//! recorded before it is made (`send`), else after it. A replay lets it come out as recorded: it reads as
//! much, waits until what was ready is, or raises that the time is over. Nothing that was received is kept.

mod addresses;
mod pipes;
mod polls;
mod sockets;
pub mod steps;

use crate::cpython::methods::{TwoArguments, WithKeywords};
use crate::cpython::{frames, locals};
use crate::record;
use crate::record::askers::{Asker, Askers};
use pyo3::prelude::*;
use pyo3::{ffi, wrap_pyfunction};

type Object = *mut ffi::PyObject;

/// The files of code that asks for who called it: the standard library's, and what we put into it.
const BETWEEN: [&[u8]; 3] = [
    b"/socket.py",
    b"/selectors.py",
    b"/tracer/primitives/sockets.py",
];

static ASKERS: Askers = Askers::new(asker_in);

/// Code of `subprocess` counts as the program's here.
static GATHERERS: Askers = Askers::new(|_, file| match file.ends_with(b"/subprocess.py") {
    true => Asker::Program,
    false => Asker::Other,
});

/// Whether what the calling thread does with a descriptor is to be recorded here.
fn is_recorded(py: Python<'_>) -> bool {
    if !record::recording() {
        return false;
    }
    let (mut found, mut gathers) = (false, false);
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        frames::walk(py, |position, frame| {
            if GATHERERS.asker(py, position.code) == Asker::Program {
                // What subprocess gathers from pipes is the same in whatever pieces it comes, but where its
                // time may be over before the end.
                let is_timed = || {
                    let end = locals::local(frame, b"endtime");
                    !end.is_null() && end != ffi::Py_None()
                };
                gathers = gathers || is_timed();
                return !gathers;
            }
            let asker = ASKERS.asker(py, position.code);
            found = asker == Asker::Program;
            asker != Asker::GoBetween
        })
    };
    found
}

fn asker_in(_: Python<'_>, file: &[u8]) -> Asker {
    // multiprocessing has events of its own for all that comes of it.
    if file.windows(17).any(|part| part == b"/multiprocessing/") {
        Asker::Other
    } else if BETWEEN.iter().any(|module| file.ends_with(module)) {
        Asker::GoBetween
    } else {
        Asker::Program
    }
}

/// Replaces what reads by descriptor; a second call does nothing.
pub fn install(py: Python<'_>) {
    pipes::install(py);
}

/// Replaces what sockets do; `_socket` has been imported. A second call does nothing.
#[pyfunction]
fn record_sockets(py: Python<'_>) {
    sockets::install(py);
}

/// Replaces what the module `select` does, which has been imported. A second call does nothing.
#[pyfunction]
fn record_polls(py: Python<'_>) {
    polls::install(py);
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    sockets::register(m)?;
    m.add_function(wrap_pyfunction!(record_sockets, m)?)?;
    m.add_function(wrap_pyfunction!(record_polls, m)?)
}
