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
use crate::replay;
use pyo3::prelude::*;
use pyo3::{ffi, wrap_pyfunction};
use std::ffi::CStr;

type Object = *mut ffi::PyObject;

/// Longer answers (in bytes) are not kept: the event has the type only.
const KEPT: usize = 1 << 20;

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
    unsafe fn ask(&self, owner: Object, argument: Object) -> Object {
        match *self.original.get() {
            Some(original) => original(owner, argument),
            None => std::ptr::null_mut(),
        }
    }

    /// The answer of `ask`, recorded. `ask` returns a new reference, or null with an exception.
    unsafe fn answer(&self, ask: impl FnOnce() -> Object) -> Object {
        gate::before(ops::INPUT, 0, 0);
        let answer = match replay::input().and_then(|(value, text)| values::made_of(value, text)) {
            Some(recorded) => recorded,
            None => ask(),
        };
        if !answer.is_null() {
            self.note(answer);
        }
        answer
    }

    unsafe fn note(&self, answer: Object) {
        let (tag, bits) = values::encode(answer, KEPT);
        if values::is_kept(tag) || ffi::PyLong_Check(answer) == 0 {
            return self.record(tag, bits);
        }
        // An int of more than 64 bits, in hexadecimal.
        let digits = ffi::PyNumber_ToBase(answer, 16);
        if digits.is_null() {
            ffi::PyErr_Clear();
            return;
        }
        let (tag, bits) = values::encode(digits, KEPT);
        ffi::Py_DECREF(digits);
        self.record(tag, bits);
    }

    unsafe fn record(&self, tag: u8, bits: u64) {
        record::event(ops::INPUT, self.object(), outcome::OK, tag, bits);
    }

    unsafe fn object(&self) -> u32 {
        let object = self.object.get();
        if *object == 0 {
            *object = identity::define_object("Input", self.name, 0, 0);
        }
        *object
    }
}

/// Replaces the functions; a second call does nothing.
///
/// # Safety
/// The GIL is held.
pub unsafe fn install() {
    static INSTALLED: Gil<bool> = Gil::new(false);
    if !std::mem::replace(INSTALLED.get(), true) {
        addresses::install();
        clocks::install();
        datetimes::install();
        draws::install();
        stdin::install();
        usage::install();
        // A function that this Python does not have, or has in another form, stays as it is.
        ffi::PyErr_Clear();
    }
}

/// Replaces those of a module that is not always there, which has been imported.
#[pyfunction]
fn record_inputs_of(module: &Bound<'_, PyAny>) {
    unsafe {
        draws::install_in(module.as_ptr());
        usage::install_in(module.as_ptr());
        ffi::PyErr_Clear();
    }
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    environment::register(m)?;
    m.add_function(wrap_pyfunction!(record_inputs_of, m)?)
}

/// Forgets the sources' numbers: those of another recording.
///
/// # Safety
/// The GIL is held.
pub unsafe fn reset() {
    ASKERS.forget();
    addresses::reset();
    environment::reset();
    let times = datetimes::SOURCES.iter().chain(&usage::SOURCES);
    let others = times.chain(&draws::SOURCES).chain(&stdin::SOURCES);
    let others = others.chain(&addresses::SOURCES);
    for source in clocks::SOURCES.iter().chain(others) {
        *source.object.get() = 0;
    }
}

/// Whether an answer given now is to be recorded.
unsafe fn recorded() -> bool {
    record::recording() && ASKERS.asked_by_program()
}

static ASKERS: Askers = Askers::new(asker_in);

unsafe fn asker_in(file: &[u8]) -> Asker {
    let between = |end: &[u8]| file.ends_with(end);
    if !sites::is_internal_name(file) {
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
unsafe fn replace(owner: Object, name: &CStr, source: &Source, with: TwoArguments) {
    const FORMS: i32 = ffi::METH_NOARGS | ffi::METH_O | ffi::METH_VARARGS;
    let Some(method) = methods::find(owner, name) else {
        return;
    };
    let form = (*method).ml_flags & !(ffi::METH_CLASS | ffi::METH_COEXIST);
    if form & FORMS != 0 && form & !FORMS == 0 {
        *source.original.get() = Some(methods::exchange(method, with));
    }
}
