//! Virtual time: the program's clocks show it, so that a run is the same each time and waits cost
//! nothing. The C functions behind the clocks are replaced, as those of the locks are; `inputs`
//! records what they answer.

use super::points::tick;
use super::slots::{controlled, page};
use crate::cpython::methods::{replace, TwoArguments};
use crate::gil::Gil;
use pyo3::ffi;
use std::ffi::CStr;
use std::ptr::null_mut;
use std::sync::atomic::Ordering;

type Object = *mut ffi::PyObject;

const NS: f64 = 1e9;

/// ns since 1970 in virtual time; None in a process that is not under control.
///
/// # Safety
/// As for `point`.
pub unsafe fn wall() -> Option<u64> {
    controlled().then(|| tick() + page().wall.load(Ordering::Relaxed))
}

unsafe fn monotonic() -> Option<u64> {
    controlled().then(|| tick() + page().monotonic.load(Ordering::Relaxed))
}

/// The time that the process or thread has used: in virtual time all of it, for the threads take turns.
unsafe fn used() -> Option<u64> {
    controlled().then(|| tick())
}

/// The virtual time of one of the system's clocks.
unsafe fn of_clock(argument: Object) -> Option<u64> {
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
        libc::CLOCK_REALTIME | libc::CLOCK_REALTIME_COARSE | libc::CLOCK_TAI => wall(),
        libc::CLOCK_MONOTONIC
        | libc::CLOCK_MONOTONIC_RAW
        | libc::CLOCK_MONOTONIC_COARSE
        | libc::CLOCK_BOOTTIME => monotonic(),
        libc::CLOCK_PROCESS_CPUTIME_ID | libc::CLOCK_THREAD_CPUTIME_ID => used(),
        _ => None,
    }
}

macro_rules! clock {
    ($name:ident, $original:ident, $source:expr, $make:expr) => {
        static $original: Gil<Option<TwoArguments>> = Gil::new(None);

        unsafe extern "C-unwind" fn $name(module: Object, argument: Object) -> Object {
            match (($source)(argument), *$original.get()) {
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

clock!(time, TIME, |_| wall(), seconds);
clock!(time_ns, TIME_NS, |_| wall(), nanoseconds);
clock!(monotonic_s, MONOTONIC, |_| monotonic(), seconds);
clock!(monotonic_ns, MONOTONIC_NS, |_| monotonic(), nanoseconds);
clock!(perf_counter, PERF, |_| monotonic(), seconds);
clock!(perf_counter_ns, PERF_NS, |_| monotonic(), nanoseconds);
clock!(process_time, PROCESS, |_| used(), seconds);
clock!(process_time_ns, PROCESS_NS, |_| used(), nanoseconds);
clock!(thread_time, THREAD, |_| used(), seconds);
clock!(thread_time_ns, THREAD_NS, |_| used(), nanoseconds);
clock!(clock_gettime, GETTIME, of_clock, seconds);
clock!(clock_gettime_ns, GETTIME_NS, of_clock, nanoseconds);

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
    put(c"process_time", &PROCESS, process_time);
    put(c"process_time_ns", &PROCESS_NS, process_time_ns);
    put(c"thread_time", &THREAD, thread_time);
    put(c"thread_time_ns", &THREAD_NS, thread_time_ns);
    // Their form is another from one Python to the next.
    for form in [ffi::METH_VARARGS, ffi::METH_O] {
        replace(module, c"clock_gettime", form, &GETTIME, clock_gettime);
        replace(
            module,
            c"clock_gettime_ns",
            form,
            &GETTIME_NS,
            clock_gettime_ns,
        );
    }
    ffi::PyErr_Clear();
}
