//! What the recorder keeps about a primitive is an attribute of the primitive (see
//! `tracer/primitives/objects.py`).

use crate::cpython::{frames, types::generic_attribute};
use crate::record::state::recordings;
use crate::record::worth;
use pyo3::ffi;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};
use std::ptr::null_mut;

/// What an object has kept for us under a name. No code of the program's runs.
pub fn kept<'py>(
    object: &Bound<'py, PyAny>,
    name: &Bound<'py, PyString>,
) -> Option<Bound<'py, PyAny>> {
    // SAFETY: the objects are live.
    unsafe {
        let value = generic_attribute(object.as_ptr(), name.as_ptr());
        Bound::from_owned_ptr_or_opt(object.py(), value)
    }
}

#[pyfunction]
#[pyo3(name = "kept")]
fn kept_of<'py>(
    object: &Bound<'py, PyAny>,
    name: &Bound<'py, PyString>,
) -> Option<Bound<'py, PyAny>> {
    kept(object, name)
}

/// Has an object keep a value, which is returned; None: nothing any more.
#[pyfunction]
pub fn keep<'py>(
    object: &Bound<'py, PyAny>,
    name: &Bound<'py, PyString>,
    value: Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let address = match value.is_none() {
        true if kept(object, name).is_none() => return Ok(value),
        true => null_mut(),
        false => value.as_ptr(),
    };
    // SAFETY: the objects are live.
    match unsafe { ffi::PyObject_GenericSetAttr(object.as_ptr(), name.as_ptr(), address) } {
        0 => Ok(value),
        _ => Err(PyErr::fetch(object.py())),
    }
}

/// Has an object keep a value, if it has none under that name; returns what it keeps.
#[pyfunction]
fn keep_first<'py>(
    object: &Bound<'py, PyAny>,
    name: &Bound<'py, PyString>,
    value: Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    match kept(object, name) {
        Some(found) => Ok(found),
        None => keep(object, name, value),
    }
}

/// What is known of a primitive: a State, a word for an internal one, or a tuple, as it was
/// unpickled.
pub fn known<'py>(owner: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
    kept(owner, intern!(owner.py(), "_racetrace"))
}

/// Whether the standard library has made the primitive for itself.
pub fn is_internal(owner: &Bound<'_, PyAny>) -> bool {
    known(owner).is_some_and(|known| says_internal(&known))
}

pub fn says_internal(known: &Bound<'_, PyAny>) -> bool {
    known.is_exact_instance_of::<PyString>()
}

#[pyfunction]
fn is_internal_module(name: &str) -> bool {
    worth::is_internal_module(name)
}

/// Whether code of these has called the running code.
pub fn is_called_internally(py: Python<'_>) -> bool {
    // SAFETY: the objects are live.
    unsafe {
        let globals = frames::caller_globals(py);
        if globals.is_null() {
            return false;
        }
        let name = ffi::PyDict_GetItemWithError(globals, intern!(py, "__name__").as_ptr());
        let name = Bound::from_borrowed_ptr_or_opt(py, name);
        name.is_some_and(|name| name.extract().is_ok_and(worth::is_internal_module))
    }
}

/// Decides, in a hook of the constructor, whether a primitive is internal.
pub fn adopt(owner: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = owner.py();
    let internal = is_called_internally(py);
    let known = match internal {
        true => intern!(py, "internal").clone().into_any(),
        false => py.None().into_bound(py),
    };
    keep(owner, intern!(py, "_racetrace"), known)?;
    Ok(internal)
}

/// The recorder's knowledge of one primitive in one recording.
#[pyclass(subclass, module = "racetrace.tracer._core")]
pub struct State {
    #[pyo3(get, set)]
    number: u32,
    #[pyo3(get)]
    session: u32,
}

#[pymethods]
impl State {
    #[new]
    #[pyo3(signature = (*_arguments, **_keywords))]
    fn new(_arguments: &Bound<'_, PyTuple>, _keywords: Option<&Bound<'_, PyDict>>) -> State {
        State {
            number: 0,
            session: session(),
        }
    }
}

/// The number in a State; None if it is of another recording, or something else.
pub fn number(known: &Bound<'_, PyAny>) -> Option<u32> {
    let state = known.cast::<State>().ok()?.borrow();
    (state.session == session()).then_some(state.number)
}

#[pyfunction]
fn session() -> u32 {
    recordings()
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<State>()?;
    m.add_function(wrap_pyfunction!(is_internal_module, m)?)?;
    m.add_function(wrap_pyfunction!(kept_of, m)?)?;
    m.add_function(wrap_pyfunction!(keep, m)?)?;
    m.add_function(wrap_pyfunction!(keep_first, m)?)?;
    m.add_function(wrap_pyfunction!(session, m)?)
}
