//! What the program learns from outside: the time, random numbers, its input. Each answer is an
//! INPUT event of the thread that asked, with the answer as its value, so that a replay can give it
//! again.
//!
//! The C functions behind the standard library's are replaced, as `sync` does for locks. Only what
//! the program asks for itself is recorded; what `threading` or `queue` ask the clock for decides
//! when a wait ends, and how it ended is in the trace as that.

mod addresses;
mod clocks;
mod datetimes;
mod draws;
pub mod environment;
mod stdin;
mod usage;

use crate::cpython::methods::{self, TwoArguments};
use crate::gil::Gil;
use crate::ops::{self, outcome};
use crate::record::askers::{Asker, Askers};
use crate::record::{self, gate, identity, sites, values};
use pyo3::prelude::*;
use pyo3::{ffi, wrap_pyfunction};
use std::ffi::CStr;

type Object = *mut ffi::PyObject;

/// Modules of the standard library that hand what they ask for on to the program.
const ASK_FOR_THE_PROGRAM: &[&[u8]] = &[
    b"/logging/__init__.py",
    b"/uuid.py",
    b"/secrets.py",
    b"/sched.py",
    b"/socketserver.py",
    b"/subprocess.py",
    b"/timeit.py",
    b"/email/utils.py",
];

/// Those that ask for whoever has called them.
const BETWEEN: &[&[u8]] = &[b"/random.py", b"/tempfile.py"];

/// One thing to ask for, as `time.time`, with the function that answered before it was replaced.
struct Source {
    name: &'static str,
    original: Gil<Option<TwoArguments>>,
    /// Its object in this recording; 0 before the first answer.
    object: Gil<u32>,
}

impl Source {
    const fn new(name: &'static str) -> Source {
        Source {
            name,
            original: Gil::new(None),
            object: Gil::new(0),
        }
    }

    /// The answer of the function that was replaced.
    unsafe fn ask(&self, py: Python<'_>, owner: Object, argument: Object) -> Object {
        match self.original.copied(py) {
            Some(original) => original(owner, argument),
            None => std::ptr::null_mut(),
        }
    }

    /// The answer of `ask`, recorded. `ask` returns a new reference, or null with an exception.
    fn answer(&self, py: Python<'_>, ask: impl FnOnce() -> Object) -> Object {
        let known = gate::ask(py, ops::INPUT, 0).known();
        let recorded = known.and_then(|known| values::made_of(py, known.value, known.text));
        let answer = recorded.unwrap_or_else(ask);
        // SAFETY: the GIL is held, and the objects are live.
        unsafe {
            if !answer.is_null() {
                self.note(py, answer);
            }
        }
        answer
    }

    unsafe fn note(&self, py: Python<'_>, answer: Object) {
        let (tag, bits) = values::encode(py, answer, values::WHOLE);
        if values::is_kept(tag) || ffi::PyLong_Check(answer) == 0 {
            return self.record(py, tag, bits);
        }
        // An int of more than 64 bits, in hexadecimal.
        let digits = ffi::PyNumber_ToBase(answer, 16);
        if digits.is_null() {
            ffi::PyErr_Clear();
            return;
        }
        let (tag, bits) = values::encode(py, digits, values::WHOLE);
        ffi::Py_DECREF(digits);
        self.record(py, tag, bits);
    }

    fn record(&self, py: Python<'_>, tag: u8, bits: u64) {
        record::event(py, ops::INPUT, self.object(py), outcome::OK, tag, bits);
    }

    fn object(&self, py: Python<'_>) -> u32 {
        let mut object = self.object.get(py);
        if *object == 0 {
            *object = identity::define_object(py, "Input", self.name, 0, 0);
        }
        *object
    }
}

/// Replaces the functions; a second call does nothing.
pub fn install(py: Python<'_>) {
    static INSTALLED: Gil<bool> = Gil::new(false);
    // SAFETY: the GIL is held; what is put in has the form of what it replaces.
    unsafe {
        if !INSTALLED.replace(py, true) {
            addresses::install(py);
            clocks::install(py);
            datetimes::install(py);
            draws::install(py);
            stdin::install(py);
            usage::install(py);
            // A function that this Python does not have, or has in another form, stays as it is.
            ffi::PyErr_Clear();
        }
    }
}

/// Replaces those of a module that is not always there, which has been imported.
#[pyfunction]
fn record_inputs_of(py: Python<'_>, module: &Bound<'_, PyAny>) {
    // SAFETY: what is put in has the form of what it replaces.
    unsafe {
        draws::install_in(py, module.as_ptr());
        usage::install_in(py, module.as_ptr());
        ffi::PyErr_Clear();
    }
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    addresses::register(m)?;
    environment::register(m)?;
    m.add_function(wrap_pyfunction!(record_inputs_of, m)?)
}

/// Forgets the sources' numbers: those of another recording.
pub fn reset(py: Python<'_>) {
    ASKERS.forget(py);
    addresses::reset(py);
    environment::reset(py);
    let times = datetimes::SOURCES.iter().chain(&usage::SOURCES);
    let others = times.chain(&draws::SOURCES).chain(&stdin::SOURCES);
    let others = others.chain(&addresses::SOURCES);
    for source in clocks::SOURCES.iter().chain(others) {
        source.object.set(py, 0);
    }
}

/// Whether an answer given now is to be recorded.
fn recorded(py: Python<'_>) -> bool {
    record::recording() && ASKERS.asked_by_program(py)
}

static ASKERS: Askers = Askers::new(asker_in);

fn asker_in(py: Python<'_>, file: &[u8]) -> Asker {
    let between = |end: &[u8]| file.ends_with(end);
    if !sites::is_internal_name(py, file) {
        Asker::Program
    } else if BETWEEN.iter().any(|end| between(end)) {
        Asker::GoBetween
    } else if ASK_FOR_THE_PROGRAM.iter().any(|end| between(end))
        || file.windows(9).any(|part| part == b"/asyncio/")
    {
        Asker::Program
    } else {
        Asker::Other
    }
}

/// Puts `with` in the place of a function of one argument or none.
unsafe fn replace(py: Python<'_>, owner: Object, name: &CStr, source: &Source, with: TwoArguments) {
    const FORMS: i32 = ffi::METH_NOARGS | ffi::METH_O | ffi::METH_VARARGS;
    let Some(method) = methods::find(owner, name) else {
        return;
    };
    let form = (*method).ml_flags & !(ffi::METH_CLASS | ffi::METH_COEXIST);
    if form & FORMS != 0 && form & !FORMS == 0 {
        source
            .original
            .set(py, Some(methods::exchange(method, with)));
    }
}
