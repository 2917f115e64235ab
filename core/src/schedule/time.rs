//! Virtual time: the program's clocks show it, so that a run is the same each time and waits cost
//! nothing. The C functions behind the clocks are replaced, as those of the locks are; `inputs`
//! records what they answer.

use super::controller;
use crate::record::session::Gil;
use pyo3::ffi;
use std::ffi::CStr;
use std::ptr::null_mut;
use std::sync::atomic::Ordering;

type Object = *mut ffi::PyObject;
type TwoArguments = unsafe extern "C-unwind" fn(Object, Object) -> Object;

const NS: f64 = 1e9;

unsafe extern "C-unwind" fn unset2(_: Object, _: Object) -> Object {
    null_mut()
}

/// ns since 1970 in virtual time; None in a process that is not under control.
///
/// # Safety
/// As for `point`.
pub unsafe fn wall() -> Option<u64> {
    controller::controlled()
        .then(|| controller::tick() + controller::page().wall.load(Ordering::Relaxed))
}

unsafe fn monotonic() -> Option<u64> {
    controller::controlled()
        .then(|| controller::tick() + controller::page().monotonic.load(Ordering::Relaxed))
}

macro_rules! clock {
    ($name:ident, $original:ident, $source:ident, $make:expr) => {
        static $original: Gil<TwoArguments> = Gil::new(unset2);

        unsafe extern "C-unwind" fn $name(module: Object, unused: Object) -> Object {
            match $source() {
                Some(ns) => $make(ns),
                None => (*$original.get())(module, unused),
            }
        }
    };
}

unsafe fn seconds(ns: u64) -> Object {
    ffi::PyFloat_FromDouble(ns as f64 / NS)
}

clock!(time, TIME, wall, seconds);
clock!(time_ns, TIME_NS, wall, |ns| {
    ffi::PyLong_FromUnsignedLongLong(ns)
});
clock!(monotonic_s, MONOTONIC, monotonic, seconds);
clock!(monotonic_ns, MONOTONIC_NS, monotonic, |ns| {
    ffi::PyLong_FromUnsignedLongLong(ns)
});
clock!(perf_counter, PERF, monotonic, seconds);
clock!(perf_counter_ns, PERF_NS, monotonic, |ns| {
    ffi::PyLong_FromUnsignedLongLong(ns)
});

unsafe fn definition(module: Object, name: &CStr) -> Option<*mut ffi::PyMethodDef> {
    let function = ffi::PyObject_GetAttrString(module, name.as_ptr());
    if function.is_null() || ffi::PyCFunction_Check(function) == 0 {
        ffi::PyErr_Clear();
        return None;
    }
    // The module holds the function.
    let definition = (*function.cast::<ffi::PyCFunctionObject>()).m_ml;
    ffi::Py_DECREF(function);
    Some(definition)
}

unsafe fn replace2(module: Object, name: &CStr, original: &Gil<TwoArguments>, with: TwoArguments) {
    if let Some(method) = definition(module, name) {
        let found = (*method).ml_meth;
        *original.get() = std::mem::transmute::<ffi::PyMethodDefPointer, TwoArguments>(found);
        (*method).ml_meth = std::mem::transmute::<TwoArguments, ffi::PyMethodDefPointer>(with);
    }
}

/// Puts the functions in the place of CPython's; a second call does nothing.
///
/// # Safety
/// The GIL is held.
pub unsafe fn install() {
    static DONE: Gil<bool> = Gil::new(false);
    if std::mem::replace(DONE.get(), true) {
        return;
    }
    // The references are kept: the modules point into this library from now on.
    let module = ffi::PyImport_ImportModule(c"time".as_ptr());
    replace2(module, c"time", &TIME, time);
    replace2(module, c"time_ns", &TIME_NS, time_ns);
    replace2(module, c"monotonic", &MONOTONIC, monotonic_s);
    replace2(module, c"monotonic_ns", &MONOTONIC_NS, monotonic_ns);
    replace2(module, c"perf_counter", &PERF, perf_counter);
    replace2(module, c"perf_counter_ns", &PERF_NS, perf_counter_ns);
    ffi::PyErr_Clear();
}
