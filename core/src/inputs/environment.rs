//! Variables of the environment. What one is when the program first asks for it, by its name, is an
//! INPUT, and what it is from then on is the program's own doing. A replay puts the recorded value
//! into `os.environ` then, and nowhere else: what it starts finds the replay's environment.
//!
//! Not recorded is what the program only goes through or copies, mostly for another program: there
//! may be secrets in it that it has no use for. Nor is what says which programs are run: of a
//! stranger's trace that must not be taken.

use super::Object;
use crate::cpython::{frames, instructions};
use crate::gil::Gil;
use crate::model::Value;
use crate::ops::{self, outcome};
use crate::record::askers::{Asker, Askers};
use crate::record::gate::{self, Known};
use crate::record::{self, identity, sites, values};
use pyo3::ffi;
use pyo3::prelude::*;
use rustc_hash::FxHashSet;
use std::ffi::CStr;
use std::ptr::null_mut;

/// Names, and what names begin with, by which the loader, shells, the interpreter and its library
/// find what they run.
const RUN: &[&[u8]] = &[
    b"PATH",
    b"SHELL",
    b"ENV",
    b"BASH_ENV",
    b"BROWSER",
    b"EDITOR",
    b"VISUAL",
    b"PAGER",
    b"MANPAGER",
];
const RUN_BEGINNINGS: &[&[u8]] = &[b"LD_", b"PYTHON", b"GCONV_", b"BASH_FUNC_"];

/// The names that are no inputs any more: the program has asked for them, or changed them.
static SETTLED: Gil<Option<FxHashSet<Vec<u8>>>> = Gil::new(None);
/// Whether none is: the program has taken out whatever was there.
static EMPTIED: Gil<bool> = Gil::new(false);

/// Begins anew, with another recording.
pub fn reset(py: Python<'_>) {
    ASKERS.forget(py);
    SETTLED.take(py);
    EMPTIED.set(py, false);
}

/// On whose behalf the standard library asks: but for what starts processes, that of the program.
static ASKERS: Askers = Askers::new(asker_in);

fn asker_in(py: Python<'_>, file: &[u8]) -> Asker {
    let in_folder = |name: &[u8]| file.windows(name.len()).any(|part| part == name);
    match sites::is_internal_name(py, file) {
        false => Asker::Program,
        true if in_folder(b"/multiprocessing/") || in_folder(b"/tracer/") => Asker::Other,
        true => Asker::GoBetween,
    }
}

/// Whether the name is still an input; from now on it is none.
fn settle(py: Python<'_>, name: &[u8]) -> bool {
    let mut settled = SETTLED.get_or_insert_with(py, FxHashSet::default);
    !EMPTIED.copied(py) && !settled.contains(name) && settled.insert(name.to_owned())
}

fn is_settled(py: Python<'_>, name: &[u8]) -> bool {
    EMPTIED.copied(py) || SETTLED.get(py).as_ref().is_some_and(|s| s.contains(name))
}

fn says_what_is_run(name: &[u8]) -> bool {
    RUN.contains(&name) || RUN_BEGINNINGS.iter().any(|start| name.starts_with(start))
}

unsafe fn bytes_of<'a>(object: Object) -> &'a [u8] {
    let size = ffi::PyBytes_Size(object) as usize;
    std::slice::from_raw_parts(ffi::PyBytes_AsString(object).cast(), size)
}

/// The program is about to ask for the variable by its name. `dict` is what `os.environ` keeps them
/// in, the key an object of bytes.
///
/// # Safety
/// This holds for all here.
pub unsafe fn asked(py: Python<'_>, dict: Object, key: Object) {
    let name = bytes_of(key);
    let Ok(text) = std::str::from_utf8(name) else {
        return;
    };
    if !record::recording()
        || is_settled(py, name)
        || says_what_is_run(name)
        || !ASKERS.asked_by_program(py)
    {
        return;
    }
    let answer = gate::ask(py, ops::INPUT, 0);
    if !settle(py, name) {
        return; // another thread has come first
    }
    if let Some(known) = answer.known() {
        put(dict, key, known);
    }
    let value = ffi::PyDict_GetItemWithError(dict, key);
    let (tag, bits) = match value.is_null() || ffi::PyBytes_Check(value) == 0 {
        true => values::encode(py, ffi::Py_None(), 0),
        false => match std::str::from_utf8(bytes_of(value)) {
            Ok(text) => values::text(py, text.as_bytes()),
            Err(_) => values::encode(py, value, values::WHOLE),
        },
    };
    let object = identity::define_object(py, "Input", &format!("os.environ['{text}']"), 0, 0);
    record::event(py, ops::INPUT, object, outcome::OK, tag, bits);
}

/// Has the variable be what the trace says.
unsafe fn put(dict: Object, key: Object, Known { value, text }: Known<'_>) {
    match value {
        Value::None if ffi::PyDict_Contains(dict, key) == 1 => {
            ffi::PyDict_DelItem(dict, key);
        }
        Value::Str(_) | Value::Bytes(_) => {
            let size = text.len() as ffi::Py_ssize_t;
            let told = ffi::PyBytes_FromStringAndSize(text.as_ptr().cast(), size);
            if !told.is_null() {
                ffi::PyDict_SetItem(dict, key, told);
                ffi::Py_DECREF(told);
            }
        }
        _ => {}
    }
    ffi::PyErr_Clear();
}

/// The program gives the variable a value, or takes it out.
///
/// # Safety
/// `key` is live.
pub unsafe fn changed(py: Python<'_>, key: Object) {
    if record::recording() {
        settle(py, bytes_of(key));
    }
}

/// The name as bytes, a new reference; null if it is none.
unsafe fn encoded(name: Object) -> Object {
    let name = match name {
        _ if ffi::PyUnicode_Check(name) != 0 => ffi::PyUnicode_EncodeFSDefault(name),
        _ if ffi::PyBytes_Check(name) != 0 => ffi::Py_NewRef(name),
        _ => null_mut(),
    };
    ffi::PyErr_Clear();
    name
}

/// Whether the running method of `os.environ` was called for one name: not by what goes through all.
unsafe fn is_for_one(position: frames::Position) -> bool {
    const FOR_ONE: &[&CStr] = &[c"get", c"__contains__", c"pop", c"setdefault"];
    let of_mapping = frames::with_file_of(position.code, |file| {
        file == b"<frozen _collections_abc>" || file.ends_with(b"/_collections_abc.py")
    });
    of_mapping != Some(true) || instructions::is_of(position, FOR_ONE)
}

fn caller(py: Python<'_>) -> Option<frames::Position> {
    let frame = frames::innermost(py);
    if frame.is_null() {
        return None;
    }
    // SAFETY: the frames are those that run, and keep their code alive.
    unsafe {
        let caller = frames::caller_of(frame);
        (!caller.is_null()).then(|| frames::position(caller))
    }
}

/// `_Environ.__getitem__` runs.
#[pyfunction]
fn environment_read(py: Python<'_>, dict: &Bound<'_, PyAny>, name: &Bound<'_, PyAny>) {
    // SAFETY: the objects are live.
    unsafe {
        let key = encoded(name.as_ptr());
        let is_new = |key| record::recording() && !is_settled(py, bytes_of(key));
        let is_one = |at| instructions::is_subscript(at) && is_for_one(at);
        if !key.is_null()
            && ffi::PyDict_CheckExact(dict.as_ptr()) != 0
            && is_new(key)
            && caller(py).is_some_and(is_one)
        {
            asked(py, dict.as_ptr(), key);
        }
        ffi::Py_XDECREF(key);
    }
}

/// `_Environ.__setitem__` runs.
#[pyfunction]
fn environment_written(py: Python<'_>, name: &Bound<'_, PyAny>) {
    // SAFETY: the objects are live.
    unsafe {
        let key = encoded(name.as_ptr());
        if !key.is_null() {
            changed(py, key);
        }
        ffi::Py_XDECREF(key);
    }
}

/// `_Environ.__delitem__` runs.
#[pyfunction]
fn environment_deleted(py: Python<'_>, dict: &Bound<'_, PyAny>, name: &Bound<'_, PyAny>) {
    // SAFETY: the objects are live.
    unsafe {
        if !record::recording() {
            return;
        }
        if !caller(py).is_some_and(|at| is_for_one(at)) {
            EMPTIED.set(py, true);
            return;
        }
        let key = encoded(name.as_ptr());
        if !key.is_null() && ffi::PyDict_CheckExact(dict.as_ptr()) != 0 {
            asked(py, dict.as_ptr(), key); // it fails where there is none
            changed(py, key);
        }
        ffi::Py_XDECREF(key);
    }
}

/// The program takes all variables out.
#[pyfunction]
fn environment_emptied(py: Python<'_>) {
    if record::recording() {
        EMPTIED.set(py, true);
    }
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(environment_emptied, m)?)?;
    m.add_function(wrap_pyfunction!(environment_read, m)?)?;
    m.add_function(wrap_pyfunction!(environment_written, m)?)?;
    m.add_function(wrap_pyfunction!(environment_deleted, m)?)
}
