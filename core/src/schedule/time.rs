//! Virtual time: the program's clocks show it, so that a run is the same each time and waits cost
//! nothing. The C functions behind the clocks are replaced, as those of the locks are.

use super::controller;
use crate::record::session::Gil;
use pyo3::ffi;
use std::ffi::CStr;
use std::ptr::null_mut;
use std::sync::atomic::Ordering;

type Object = *mut ffi::PyObject;
type TwoArguments = unsafe extern "C-unwind" fn(Object, Object) -> Object;
type WithKeywords = unsafe extern "C-unwind" fn(Object, Object, Object) -> Object;

const NS: f64 = 1e9;

unsafe extern "C-unwind" fn unset2(_: Object, _: Object) -> Object {
    null_mut()
}

unsafe extern "C-unwind" fn unset3(_: Object, _: Object, _: Object) -> Object {
    null_mut()
}

/// ns since 1970; None in a process that is not under control.
unsafe fn wall() -> Option<u64> {
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

macro_rules! broken_down {
    ($name:ident, $original:ident) => {
        static $original: Gil<TwoArguments> = Gil::new(unset2);

        /// Without an argument it is about the present.
        unsafe extern "C-unwind" fn $name(module: Object, args: Object) -> Object {
            let present =
                ffi::PyTuple_Size(args) == 0 || ffi::PyTuple_GetItem(args, 0) == ffi::Py_None();
            match present.then(|| wall()).flatten() {
                Some(ns) => {
                    let now = ffi::PyFloat_FromDouble((ns / 1_000_000_000) as f64);
                    let args = ffi::PyTuple_Pack(1, now);
                    let result = (*$original.get())(module, args);
                    ffi::Py_DECREF(args);
                    ffi::Py_DECREF(now);
                    result
                }
                None => (*$original.get())(module, args),
            }
        }
    };
}

broken_down!(localtime, LOCALTIME);
broken_down!(gmtime, GMTIME);
broken_down!(ctime, CTIME);

static NOW: Gil<WithKeywords> = Gil::new(unset3);
static UTCNOW: Gil<TwoArguments> = Gil::new(unset2);
static UTC: Gil<Object> = Gil::new(null_mut());

unsafe fn from_timestamp(class: Object, ns: u64, zone: Object) -> Object {
    let name = c"fromtimestamp".as_ptr();
    ffi::PyObject_CallMethod(class, name, c"dO".as_ptr(), (ns / 1000) as f64 / 1e6, zone)
}

unsafe extern "C-unwind" fn datetime_now(class: Object, args: Object, kwargs: Object) -> Object {
    // The original judges the arguments.
    let real = (*NOW.get())(class, args, kwargs);
    if real.is_null() {
        return real;
    }
    let Some(ns) = wall() else { return real };
    ffi::Py_DECREF(real);
    let mut zone = ffi::Py_None();
    if ffi::PyTuple_Size(args) == 1 {
        zone = ffi::PyTuple_GetItem(args, 0);
    } else if !kwargs.is_null() {
        let given = ffi::PyDict_GetItemString(kwargs, c"tz".as_ptr());
        zone = if given.is_null() { zone } else { given };
    }
    from_timestamp(class, ns, zone)
}

unsafe extern "C-unwind" fn datetime_utcnow(class: Object, unused: Object) -> Object {
    let real = (*UTCNOW.get())(class, unused);
    if real.is_null() {
        return real;
    }
    let Some(ns) = wall() else { return real };
    ffi::Py_DECREF(real);
    let aware = from_timestamp(class, ns, *UTC.get());
    if aware.is_null() {
        return aware;
    }
    let none = ffi::Py_BuildValue(c"{s:O}".as_ptr(), c"tzinfo".as_ptr(), ffi::Py_None());
    let replace = ffi::PyObject_GetAttrString(aware, c"replace".as_ptr());
    let empty = ffi::PyTuple_New(0);
    let naive = ffi::PyObject_Call(replace, empty, none);
    ffi::Py_DECREF(empty);
    ffi::Py_DECREF(replace);
    ffi::Py_DECREF(none);
    ffi::Py_DECREF(aware);
    naive
}

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
    replace2(module, c"localtime", &LOCALTIME, localtime);
    replace2(module, c"gmtime", &GMTIME, gmtime);
    replace2(module, c"ctime", &CTIME, ctime);
    let module = ffi::PyImport_ImportModule(c"datetime".as_ptr());
    if !module.is_null() {
        let class = ffi::PyObject_GetAttrString(module, c"datetime".as_ptr());
        let zone = ffi::PyObject_GetAttrString(module, c"timezone".as_ptr());
        *UTC.get() = ffi::PyObject_GetAttrString(zone, c"utc".as_ptr());
        replace2(class, c"utcnow", &UTCNOW, datetime_utcnow);
        if let Some(method) = definition(class, c"now") {
            let found = (*method).ml_meth;
            *NOW.get() = std::mem::transmute::<ffi::PyMethodDefPointer, WithKeywords>(found);
            (*method).ml_meth =
                std::mem::transmute::<WithKeywords, ffi::PyMethodDefPointer>(datetime_now);
        }
    }
    ffi::PyErr_Clear();
}
