//! The module `time`.

use super::{recorded, replace, Object, Source};
use crate::control;
use pyo3::ffi;
use pyo3::Python;
use std::ffi::CStr;
use std::ptr::null_mut;

pub static SOURCES: [Source; 17] = [
    Source::new("time.time"),
    Source::new("time.time_ns"),
    Source::new("time.monotonic"),
    Source::new("time.monotonic_ns"),
    Source::new("time.perf_counter"),
    Source::new("time.perf_counter_ns"),
    Source::new("time.process_time"),
    Source::new("time.process_time_ns"),
    Source::new("time.thread_time"),
    Source::new("time.thread_time_ns"),
    Source::new("time.localtime"),
    Source::new("time.gmtime"),
    Source::new("time.ctime"),
    Source::new("time.asctime"),
    Source::new("time.strftime"),
    Source::new("time.clock_gettime"),
    Source::new("time.clock_gettime_ns"),
];
const LOCALTIME: usize = 10;
const GMTIME: usize = 11;
const CTIME: usize = 12;
const ASCTIME: usize = 13;
const STRFTIME: usize = 14;

/// A clock: `time.time`, `time.monotonic` …
unsafe extern "C-unwind" fn clock<const SOURCE: usize>(module: Object, unused: Object) -> Object {
    let py = Python::assume_attached();
    let source = &SOURCES[SOURCE];
    if !recorded(py) {
        return source.ask(py, module, unused);
    }
    source.answer(py, || source.ask(py, module, unused))
}

/// A function that takes the current time if it is given none: the event's value is that time,
/// in whole seconds.
unsafe extern "C-unwind" fn now_if_not_given<const SOURCE: usize>(
    module: Object,
    arguments: Object,
) -> Object {
    let py = Python::assume_attached();
    let source = &SOURCES[SOURCE];
    let given = ffi::PyTuple_Size(arguments);
    let takes_now = match SOURCE {
        STRFTIME => given == 1,
        ASCTIME => given == 0,
        _ => given == 0 || given == 1 && ffi::PyTuple_GetItem(arguments, 0) == ffi::Py_None(),
    };
    if !takes_now || !recorded(py) {
        return source.ask(py, module, arguments);
    }
    let seconds = source.answer(py, || ffi::PyLong_FromLongLong(wall_seconds(py)));
    let time = packed(seconds, null_mut());
    let full = match SOURCE {
        STRFTIME | ASCTIME => {
            let local = ask(py, &SOURCES[LOCALTIME], module, time);
            match SOURCE {
                STRFTIME if !local.is_null() => {
                    let format = ffi::PyTuple_GetItem(arguments, 0);
                    ffi::Py_INCREF(format);
                    packed(format, local)
                }
                _ => packed(local, null_mut()),
            }
        }
        _ => time,
    };
    ask(py, source, module, full)
}

fn wall_seconds(py: Python<'_>) -> i64 {
    match control::wall(py) {
        Some(ns) => (ns / 1_000_000_000) as i64,
        // SAFETY: a null pointer is one that is allowed.
        None => unsafe { libc::time(null_mut()) },
    }
}

/// A tuple of one or two references, which it takes; null if the first is.
unsafe fn packed(first: Object, second: Object) -> Object {
    if first.is_null() {
        return null_mut();
    }
    let tuple = ffi::PyTuple_Pack(if second.is_null() { 1 } else { 2 }, first, second);
    ffi::Py_DECREF(first);
    ffi::Py_XDECREF(second);
    tuple
}

/// The source's own answer; takes the arguments, and passes a failure to make them on.
unsafe fn ask(py: Python<'_>, source: &Source, module: Object, arguments: Object) -> Object {
    if arguments.is_null() {
        return null_mut();
    }
    let answer = source.ask(py, module, arguments);
    ffi::Py_DECREF(arguments);
    answer
}

pub fn install(py: Python<'_>) {
    // SAFETY: the GIL is held; what is put in has the form of what it replaces.
    let module = unsafe { ffi::PyImport_ImportModule(c"time".as_ptr()) };
    // SAFETY: what is put in has the form of what it replaces.
    let put = |name: &CStr, source: usize, with| unsafe {
        replace(py, module, name, &SOURCES[source], with)
    };
    put(c"time", 0, clock::<0>);
    put(c"time_ns", 1, clock::<1>);
    put(c"monotonic", 2, clock::<2>);
    put(c"monotonic_ns", 3, clock::<3>);
    put(c"perf_counter", 4, clock::<4>);
    put(c"perf_counter_ns", 5, clock::<5>);
    put(c"process_time", 6, clock::<6>);
    put(c"process_time_ns", 7, clock::<7>);
    put(c"thread_time", 8, clock::<8>);
    put(c"thread_time_ns", 9, clock::<9>);
    put(c"localtime", LOCALTIME, now_if_not_given::<LOCALTIME>);
    put(c"gmtime", GMTIME, now_if_not_given::<GMTIME>);
    put(c"ctime", CTIME, now_if_not_given::<CTIME>);
    put(c"asctime", ASCTIME, now_if_not_given::<ASCTIME>);
    put(c"clock_gettime", 15, clock::<15>);
    put(c"clock_gettime_ns", 16, clock::<16>);
    put(c"strftime", STRFTIME, now_if_not_given::<STRFTIME>);
}
