//! Virtual time: the program's clocks show it, so that a run is the same each time and waits cost
//! nothing. The C functions behind the clocks are replaced, as those of the locks are; `inputs`
//! records what they answer.

use super::points::tick;
use super::slots::{controlled, page};
use crate::cpython::methods::{replace, TwoArguments};
use crate::gil::Gil;
use pyo3::ffi;
use pyo3::Python;
use std::ffi::CStr;
use std::ptr::null_mut;
use std::sync::atomic::Ordering;

type Object = *mut ffi::PyObject;

const NS: f64 = 1e9;

/// ns since 1970 in virtual time; None in a process that is not under control.
pub fn wall(py: Python<'_>) -> Option<u64> {
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe { controlled().then(|| tick(py) + page().wall.load(Ordering::Relaxed)) }
}

unsafe fn monotonic(py: Python<'_>) -> Option<u64> {
    controlled().then(|| tick(py) + page().monotonic.load(Ordering::Relaxed))
}

/// The time that the process or thread has used: in virtual time all of it, for the threads take turns.
fn used(py: Python<'_>) -> Option<u64> {
    controlled().then(|| tick(py))
}

/// The virtual time of one of the system's clocks.
unsafe fn of_clock(py: Python<'_>, argument: Object) -> Option<u64> {
    let number = match ffi::PyTuple_Check(argument) {
        0 => argument,
        _ if ffi::PyTuple_Size(argument) == 1 => ffi::PyTuple_GetItem(argument, 0),
        _ => return None,
    };
    if ffi::PyLong_Check(number) == 0 {
        return None;
    }
    let clock = ffi::PyLong_AsLong(number);
    ffi::PyErr_Clear();
    match i32::try_from(clock).ok()? {
        libc::CLOCK_REALTIME | libc::CLOCK_REALTIME_COARSE | libc::CLOCK_TAI => wall(py),
        libc::CLOCK_MONOTONIC
        | libc::CLOCK_MONOTONIC_RAW
        | libc::CLOCK_MONOTONIC_COARSE
        | libc::CLOCK_BOOTTIME => monotonic(py),
        libc::CLOCK_PROCESS_CPUTIME_ID | libc::CLOCK_THREAD_CPUTIME_ID => used(py),
        _ => None,
    }
}

macro_rules! clock {
    ($name:ident, $original:ident, $source:expr, $make:expr) => {
        static $original: Gil<Option<TwoArguments>> = Gil::new(None);

        unsafe extern "C-unwind" fn $name(module: Object, argument: Object) -> Object {
            let py = Python::assume_attached();
            match (($source)(py, argument), $original.copied(py)) {
                (Some(ns), _) => $make(ns),
                (None, Some(original)) => original(module, argument),
                (None, None) => null_mut(),
            }
        }
    };
}

unsafe fn seconds(ns: u64) -> Object {
    ffi::PyFloat_FromDouble(ns as f64 / NS)
}

unsafe fn nanoseconds(ns: u64) -> Object {
    ffi::PyLong_FromUnsignedLongLong(ns)
}

clock!(time, TIME, |py, _| wall(py), seconds);
clock!(time_ns, TIME_NS, |py, _| wall(py), nanoseconds);
clock!(monotonic_s, MONOTONIC, |py, _| monotonic(py), seconds);
clock!(
    monotonic_ns,
    MONOTONIC_NS,
    |py, _| monotonic(py),
    nanoseconds
);
clock!(perf_counter, PERF, |py, _| monotonic(py), seconds);
clock!(perf_counter_ns, PERF_NS, |py, _| monotonic(py), nanoseconds);
clock!(process_time, PROCESS, |py, _| used(py), seconds);
clock!(process_time_ns, PROCESS_NS, |py, _| used(py), nanoseconds);
clock!(thread_time, THREAD, |py, _| used(py), seconds);
clock!(thread_time_ns, THREAD_NS, |py, _| used(py), nanoseconds);
clock!(clock_gettime, GETTIME, of_clock, seconds);
clock!(clock_gettime_ns, GETTIME_NS, of_clock, nanoseconds);

/// Puts the functions in the place of CPython's; a second call does nothing.
pub fn install(py: Python<'_>) {
    static DONE: Gil<bool> = Gil::new(false);
    if DONE.replace(py, true) {
        return;
    }
    // The references are kept: the modules point into this library from now on.
    // SAFETY: the GIL is held; what is put in has the form of what it replaces.
    unsafe {
        let module = ffi::PyImport_ImportModule(c"time".as_ptr());
        let put = |name: &CStr, original, with: TwoArguments| {
            replace(py, module, name, ffi::METH_NOARGS, original, with);
        };
        put(c"time", &TIME, time);
        put(c"time_ns", &TIME_NS, time_ns);
        put(c"monotonic", &MONOTONIC, monotonic_s);
        put(c"monotonic_ns", &MONOTONIC_NS, monotonic_ns);
        put(c"perf_counter", &PERF, perf_counter);
        put(c"perf_counter_ns", &PERF_NS, perf_counter_ns);
        put(c"process_time", &PROCESS, process_time);
        put(c"process_time_ns", &PROCESS_NS, process_time_ns);
        put(c"thread_time", &THREAD, thread_time);
        put(c"thread_time_ns", &THREAD_NS, thread_time_ns);
        // Their form is another from one Python to the next.
        for form in [ffi::METH_VARARGS, ffi::METH_O] {
            replace(py, module, c"clock_gettime", form, &GETTIME, clock_gettime);
            replace(
                py,
                module,
                c"clock_gettime_ns",
                form,
                &GETTIME_NS,
                clock_gettime_ns,
            );
        }
        ffi::PyErr_Clear();
    }
}
