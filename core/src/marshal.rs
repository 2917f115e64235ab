//! Reads what `marshal` has written, in one go: the garbage collector, which is called for by each few
//! hundred new tuples and lists, is not, for nothing of it is garbage.

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// Runs the body, which runs no Python code, with the garbage collector off: no code of the program's finds
/// it so.
pub fn uncollected<T>(_: Python<'_>, body: impl FnOnce() -> T) -> T {
    // SAFETY: the GIL is held.
    let collects = unsafe { ffi::PyGC_Disable() } != 0;
    let result = body();
    if collects {
        // SAFETY: the GIL is held.
        unsafe { ffi::PyGC_Enable() };
    }
    result
}

/// The object that was marshalled; an error of `marshal`'s if that is none.
pub fn loads<'py>(data: &Bound<'py, PyBytes>) -> PyResult<Bound<'py, PyAny>> {
    let bytes = data.as_bytes();
    // SAFETY: the bytes live as long as the call takes; what comes is a new reference, or null with an
    // exception set.
    unsafe {
        let made = ffi::PyMarshal_ReadObjectFromString(
            bytes.as_ptr().cast(),
            bytes.len() as ffi::Py_ssize_t,
        );
        Bound::from_owned_ptr_or_err(data.py(), made)
    }
}

/// As `marshal.loads`, with the garbage collector off.
#[pyfunction]
pub fn unmarshalled<'py>(data: &Bound<'py, PyBytes>) -> PyResult<Bound<'py, PyAny>> {
    uncollected(data.py(), || loads(data))
}
