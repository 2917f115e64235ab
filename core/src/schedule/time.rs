//! Virtual time: the program's clocks show it, so that a run is the same each time and waits cost
//! nothing. The C functions behind the clocks are replaced, as those of the locks are; `inputs`
//! records what they answer.

use super::controller;
use crate::methods::replace;
use crate::record::session::Gil;
use pyo3::ffi;
use std::ffi::CStr;
use std::ptr::null_mut;
use std::sync::atomic::Ordering;

type Object = *mut ffi::PyObject;
type TwoArguments = unsafe extern "C-unwind" fn(Object, Object) -> Object;

const NS: f64 = 1e9;

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
        static $original: Gil<Option<TwoArguments>> = Gil::new(None);

        unsafe extern "C-unwind" fn $name(module: Object, unused: Object) -> Object {
            match ($source(), *$original.get()) {
                (Some(ns), _) => $make(ns),
                (None, Some(original)) => original(module, unused),
                (None, None) => null_mut(),
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
    let put = |name: &CStr, original, with: TwoArguments| {
        replace(module, name, ffi::METH_NOARGS, original, with);
    };
    put(c"time", &TIME, time);
    put(c"time_ns", &TIME_NS, time_ns);
    put(c"monotonic", &MONOTONIC, monotonic_s);
    put(c"monotonic_ns", &MONOTONIC_NS, monotonic_ns);
    put(c"perf_counter", &PERF, perf_counter);
    put(c"perf_counter_ns", &PERF_NS, perf_counter_ns);
    ffi::PyErr_Clear();
}
