//! What the recorder keeps about a primitive lies in the primitive's `__dict__` (see
//! `tracer/primitives/objects.py`).

use crate::record::session::recordings;
use pyo3::ffi;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};
use std::ptr::null_mut;

/// What an object has in its `__dict__`, if it has one, under a name.
pub fn in_dict<'py>(
    object: &Bound<'py, PyAny>,
    name: &Bound<'py, PyString>,
) -> Option<Bound<'py, PyAny>> {
    unsafe {
        let dict = ffi::PyObject_GenericGetDict(object.as_ptr(), null_mut());
        if dict.is_null() {
            ffi::PyErr_Clear();
            return None;
        }
        let value = ffi::PyDict_GetItemWithError(dict, name.as_ptr());
        let value = Bound::from_borrowed_ptr_or_opt(object.py(), value);
        ffi::Py_DECREF(dict);
        value
    }
}

/// What is known of a primitive: a State, a word for an internal one, or a tuple, as it was
/// unpickled.
pub fn known<'py>(owner: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
    in_dict(owner, intern!(owner.py(), "_racetrace"))
}

/// Whether the standard library has made the primitive for itself.
pub fn is_internal(owner: &Bound<'_, PyAny>) -> bool {
    known(owner).is_some_and(|known| says_internal(&known))
}

pub fn says_internal(known: &Bound<'_, PyAny>) -> bool {
    known.is_exact_instance_of::<PyString>()
}

/// The recorder's knowledge of one primitive in one recording.
#[pyclass(subclass, module = "tracer._core")]
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

impl State {
    /// The primitive's number; None if it is of another recording.
    pub fn number(&self) -> Option<u32> {
        (self.session == session()).then_some(self.number)
    }
}

#[pyfunction]
fn session() -> u32 {
    recordings()
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<State>()?;
    m.add_function(wrap_pyfunction!(session, m)?)
}
