//! What is written to the buffers of `sys.stdout` and `sys.stderr`, as bytes.

use super::{is_new, text, turns, within, MIXED};
use crate::ops::{self, flag};
use crate::record::{self, gate};
use pyo3::buffer::PyBuffer;
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyDict, PyModule, PyTuple};
use std::sync::atomic::Ordering;

/// A call that writes these bytes to stdout, or to stderr, and is an event.
pub fn writing<T>(
    py: Python<'_>,
    written: &[u8],
    error: bool,
    write: impl FnOnce() -> T,
) -> PyResult<T> {
    gate::before(py, ops::OUTPUT, 0, 0);
    let _turn = turns::take(py, error)?;
    MIXED.store(true, Ordering::Relaxed);
    let flags = flag::UNENDED | if error { flag::ERROR } else { 0 };
    record::output(py, flags, text::bytes(py, written));
    Ok(within(write))
}

/// The bytes of an object; None if it has none, and the call with it is to fail.
pub fn of(object: &Bound<'_, PyAny>) -> Option<Vec<u8>> {
    let buffer = PyBuffer::<u8>::get(object).ok()?;
    buffer.to_vec(object.py()).ok()
}

/// The `write` of a stream's buffer; of stderr, if `error`. What the stream itself writes there has
/// been recorded as text.
#[pyfunction]
fn recorded_write_of_bytes<'py>(
    py: Python<'py>,
    buffer: Bound<'py, PyAny>,
    error: bool,
) -> PyResult<Bound<'py, PyCFunction>> {
    let write = buffer.getattr("write")?.unbind();
    let call = move |args: &Bound<'_, PyTuple>, kwargs: Option<&Bound<'_, PyDict>>| {
        let py = args.py();
        let first = args.get_item(0).ok().filter(|_| is_new());
        match first.and_then(|first| of(&first)) {
            Some(written) => writing(py, &written, error, || write.call(py, args, kwargs))?,
            None => write.call(py, args, kwargs),
        }
    };
    PyCFunction::new_closure(py, Some(c"write"), None, call)
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(recorded_write_of_bytes, m)?)
}
