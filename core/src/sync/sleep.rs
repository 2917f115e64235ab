//! `time.sleep`: SLEEP with the seconds asked for, then WAKE.

use super::controlled;
use crate::cpython::methods::{exchange, find, TwoArguments};
use crate::gil::Gil;
use crate::ops::{self, outcome};
use crate::record::{self, gate, values};
use crate::schedule;
use pyo3::{ffi, PyErr, Python};

type Object = *mut ffi::PyObject;

static ORIGINAL: Gil<Option<TwoArguments>> = Gil::new(None);

unsafe extern "C-unwind" fn sleep(module: Object, seconds: Object) -> Object {
    let Some(original) = *ORIGINAL.get() else {
        return std::ptr::null_mut();
    };
    if !record::recording() {
        return original(module, seconds);
    }
    let kind = ffi::Py_TYPE(seconds);
    let mut value = (values::ABSENT, 0);
    if kind == &raw mut ffi::PyFloat_Type || kind == &raw mut ffi::PyLong_Type {
        let exact = ffi::PyFloat_AsDouble(seconds);
        if ffi::PyErr_Occurred().is_null() {
            value = (values::FLOAT, exact.to_bits());
        }
        ffi::PyErr_Clear();
    }
    let known = value.0 == values::FLOAT && f64::from_bits(value.1) >= 0.0;
    let controlled = known && schedule::mine();
    gate::before(ops::SLEEP, 0, 0);
    record::event(ops::SLEEP, 0, outcome::OK, value.0, value.1);
    let slept = match controlled {
        true => controlled::sleep(f64::from_bits(value.1)),
        false => original(module, seconds),
    };
    if slept.is_null() {
        let py = Python::assume_attached();
        let error = PyErr::take(py);
        let how = match &error {
            Some(error) if error.is_instance_of::<pyo3::exceptions::PyKeyboardInterrupt>(py) => {
                outcome::INTERRUPTED
            }
            _ => outcome::RAISED,
        };
        record::event(ops::WAKE, 0, how, values::ABSENT, 0);
        if let Some(error) = error {
            error.restore(py);
        }
    } else {
        record::event(ops::WAKE, 0, outcome::OK, values::ABSENT, 0);
    }
    slept
}

/// Puts the function in the place of CPython's; a second call does nothing.
///
/// # Safety
/// The GIL is held.
pub unsafe fn install() {
    if (*ORIGINAL.get()).is_some() {
        return;
    }
    let module = ffi::PyImport_ImportModule(c"time".as_ptr());
    if let Some(method) =
        find(module, c"sleep").filter(|method| (**method).ml_flags & ffi::METH_O != 0)
    {
        *ORIGINAL.get() = Some(exchange::<TwoArguments>(method, sleep));
    }
    // The reference is kept: the function points into this library from now on.
    ffi::PyErr_Clear();
}
