//! What comes through sockets: the order in which connections are accepted, how much is read at once, and
//! what `select` and its like find, are STEPs of the threads that ask, so that a replay gets the same.
//!
//! The text of a STEP is what came: `recv 97`. Where a call waits for nothing else than its turn it is
//! recorded before it is made (`send`), else after it. A replay lets it come out as recorded: it reads as
//! much, waits until what was ready is, or raises that the time is over. Nothing that was received is kept.

mod addresses;
mod pipes;
mod polls;
mod sockets;
pub mod steps;

use crate::record::session::Gil;
use crate::record::{self, frames};
use pyo3::prelude::*;
use pyo3::{ffi, wrap_pyfunction};
use rustc_hash::FxHashMap;

type Object = *mut ffi::PyObject;
type TwoArguments = unsafe extern "C-unwind" fn(Object, Object) -> Object;
type WithKeywords = unsafe extern "C-unwind" fn(Object, Object, Object) -> Object;

/// Whose code asks.
#[derive(Clone, Copy, PartialEq)]
enum Asker {
    /// The program, or what works for it.
    Program,
    /// Who called this one.
    GoBetween,
    /// What has events of its own for all that comes of it, or for which nothing hangs on the order.
    Recorded,
}

/// The files of code that asks for who called it: the standard library's, and what we put into it.
const BETWEEN: [&[u8]; 3] = [
    b"/socket.py",
    b"/selectors.py",
    b"/tracer/primitives/sockets.py",
];

static ASKERS: Gil<Option<FxHashMap<usize, Asker>>> = Gil::new(None);

/// Whether what the calling thread does with a descriptor is to be recorded here.
unsafe fn is_recorded() -> bool {
    let mut found = Asker::Recorded;
    if record::recording() {
        frames::walk_codes(|code| {
            found = asker(code);
            found != Asker::GoBetween
        });
    }
    found == Asker::Program
}

unsafe fn asker(code: usize) -> Asker {
    let askers = ASKERS.get().get_or_insert_with(FxHashMap::default);
    if let Some(&known) = askers.get(&code) {
        return known;
    }
    let found = frames::with_file_of(code, |file| {
        // What subprocess gathers from pipes is the same in whatever pieces it comes.
        if file.windows(17).any(|part| part == b"/multiprocessing/")
            || file.ends_with(b"/subprocess.py")
        {
            Asker::Recorded
        } else if BETWEEN.iter().any(|module| file.ends_with(module)) {
            Asker::GoBetween
        } else {
            Asker::Program
        }
    });
    let found = found.unwrap_or(Asker::Recorded);
    askers.insert(code, found);
    found
}

/// Replaces what reads by descriptor; a second call does nothing.
///
/// # Safety
/// The GIL is held.
pub unsafe fn install() {
    pipes::install();
}

/// Replaces what sockets do; `_socket` has been imported. A second call does nothing.
#[pyfunction]
fn record_sockets() {
    unsafe { sockets::install() };
}

/// Replaces what the module `select` does, which has been imported. A second call does nothing.
#[pyfunction]
fn record_polls() {
    unsafe { polls::install() };
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    sockets::register(m)?;
    m.add_function(wrap_pyfunction!(steps::step_to_come, m)?)?;
    m.add_function(wrap_pyfunction!(record_sockets, m)?)?;
    m.add_function(wrap_pyfunction!(record_polls, m)?)
}
