//! `time.sleep`: SLEEP with the seconds asked for, then WAKE.

use crate::control::{self, Wait, Woken};
use crate::cpython::methods::{exchange, find, TwoArguments};
use crate::gil::Gil;
use crate::ops::{self, outcome};
use crate::record::{self, gate, values};
use pyo3::{ffi, PyErr, Python};

type Object = *mut ffi::PyObject;

static ORIGINAL: Gil<Option<TwoArguments>> = Gil::new(None);

/// Sleeps under control. Null if a signal's handler raised.
unsafe fn in_virtual_time(py: Python<'_>, seconds: f64) -> Object {
    let wait = Wait {
        deadline: Some(control::deadline_in(seconds)),
        op: ops::WAKE,
        ..Wait::default()
    };
    loop {
        match control::block(py, wait) {
            Woken::Interrupted if ffi::PyErr_CheckSignals() < 0 => return std::ptr::null_mut(),
            Woken::TimedOut | Woken::Uncontrolled => return ffi::Py_NewRef(ffi::Py_None()),
            _ => {}
        }
    }
}

unsafe extern "C-unwind" fn sleep(module: Object, seconds: Object) -> Object {
    let py = Python::assume_attached();
    let Some(original) = ORIGINAL.copied(py) else {
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
    let controlled = known && control::mine();
    gate::before(py, ops::SLEEP, 0, 0);
    record::event(py, ops::SLEEP, 0, outcome::OK, value.0, value.1);
    let slept = match controlled {
        true => in_virtual_time(py, f64::from_bits(value.1)),
        false => original(module, seconds),
    };
    if slept.is_null() {
        let error = PyErr::take(py);
        let how = match &error {
            Some(error) if error.is_instance_of::<pyo3::exceptions::PyKeyboardInterrupt>(py) => {
                outcome::INTERRUPTED
            }
            _ => outcome::RAISED,
        };
        record::event(py, ops::WAKE, 0, how, values::ABSENT, 0);
        if let Some(error) = error {
            error.restore(py);
        }
    } else {
        record::event(py, ops::WAKE, 0, outcome::OK, values::ABSENT, 0);
    }
    slept
}

/// Puts the function in the place of CPython's; a second call does nothing.
pub fn install(py: Python<'_>) {
    if ORIGINAL.copied(py).is_some() {
        return;
    }
    // SAFETY: the GIL is held; what is put in has the form of what it replaces.
    unsafe {
        let module = ffi::PyImport_ImportModule(c"time".as_ptr());
        if let Some(method) =
            find(module, c"sleep").filter(|method| (**method).ml_flags & ffi::METH_O != 0)
        {
            ORIGINAL.set(py, Some(exchange::<TwoArguments>(method, sleep)));
        }
        // The reference is kept: the function points into this library from now on.
        ffi::PyErr_Clear();
    }
}
