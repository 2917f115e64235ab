//! `datetime.now` and `utcnow`, which read the clock themselves. The value is in microseconds since
//! the epoch. (`today` asks `time.time`; that of a plain date, which may not, is made to.)

use super::{recorded, replace, Object, Source};
use crate::control;
use crate::cpython::methods::{self, definition, FastWithKeywords, TwoArguments, WithKeywords};
use crate::gil::Gil;
use pyo3::ffi;
use pyo3::Python;
use std::ptr::null_mut;

pub static SOURCES: [Source; 2] = [Source::new("datetime.now"), Source::new("datetime.utcnow")];
const NOW: usize = 0;
const UTCNOW: usize = 1;

static ORIGINAL_NOW: Gil<Option<FastWithKeywords>> = Gil::new(None);

/// `datetime.fromtimestamp`, which has one of two forms.
#[derive(Clone, Copy)]
enum FromTimestamp {
    Packed(WithKeywords),
    Fast(FastWithKeywords),
}

static FROM_TIMESTAMP: Gil<Option<FromTimestamp>> = Gil::new(None);

unsafe extern "C-unwind" fn now(
    class: Object,
    arguments: *const Object,
    given: ffi::Py_ssize_t,
    names: Object,
) -> Object {
    let py = Python::assume_attached();
    let named = match names.is_null() {
        true => 0,
        false => ffi::PyTuple_Size(names),
    };
    let (Some(original), Some(from_timestamp)) =
        (ORIGINAL_NOW.copied(py), FROM_TIMESTAMP.copied(py))
    else {
        return null_mut();
    };
    let zone = match (given, named) {
        (0, 0) => ffi::Py_None(),
        (1, 0) => *arguments,
        (0, 1)
            if ffi::PyUnicode_CompareWithASCIIString(
                ffi::PyTuple_GetItem(names, 0),
                c"tz".as_ptr(),
            ) == 0 =>
        {
            *arguments
        }
        // An error, which is the original's to raise.
        _ => return original(class, arguments, given, names),
    };
    if !recorded(py) {
        return original(class, arguments, given, names);
    }
    let micros = SOURCES[NOW].answer(py, || ffi::PyLong_FromLongLong(clock(py)));
    if micros.is_null() {
        return micros;
    }
    // A double holds the microseconds of the next two centuries: the result is to the one.
    let seconds = ffi::PyFloat_FromDouble(ffi::PyLong_AsLongLong(micros) as f64 / 1e6);
    ffi::Py_DECREF(micros);
    if seconds.is_null() {
        return seconds;
    }
    let result = match from_timestamp {
        FromTimestamp::Packed(function) => {
            let arguments = ffi::PyTuple_Pack(2, seconds, zone);
            let made = match arguments.is_null() {
                true => null_mut(),
                false => function(class, arguments, null_mut()),
            };
            ffi::Py_XDECREF(arguments);
            made
        }
        FromTimestamp::Fast(function) => function(class, [seconds, zone].as_ptr(), 2, null_mut()),
    };
    ffi::Py_DECREF(seconds);
    result
}

unsafe extern "C-unwind" fn utcnow(class: Object, unused: Object) -> Object {
    let py = Python::assume_attached();
    let source = &SOURCES[UTCNOW];
    // Asked also when the answer is known: its deprecation warning is the program's to see.
    let own = source.ask(py, class, unused);
    if own.is_null() || !recorded(py) {
        return own;
    }
    let read = since_epoch(own);
    let micros = source.answer(py, || {
        let virtual_time = control::wall(py).map(|ns| (ns / 1000) as i64);
        ffi::PyLong_FromLongLong(virtual_time.unwrap_or(read))
    });
    let known = if micros.is_null() {
        read
    } else {
        ffi::PyLong_AsLongLong(micros)
    };
    ffi::Py_XDECREF(micros);
    if known == read {
        return own;
    }
    let shifted = shift(own, known - read);
    ffi::Py_DECREF(own);
    shifted
}

static TODAY: Gil<Option<TwoArguments>> = Gil::new(None);

/// `date.today`, by the function that is asked for all other classes.
unsafe extern "C-unwind" fn today(class: Object, unused: Object) -> Object {
    let py = Python::assume_attached();
    let Some(original) = TODAY.copied(py) else {
        return null_mut();
    };
    let base = (*class.cast::<ffi::PyTypeObject>()).tp_base;
    if base != &raw mut ffi::PyBaseObject_Type || !recorded(py) {
        return original(class, unused);
    }
    let module = ffi::PyImport_ImportModule(c"time".as_ptr());
    if module.is_null() {
        return null_mut();
    }
    let seconds = ffi::PyObject_CallMethod(module, c"time".as_ptr(), std::ptr::null());
    ffi::Py_DECREF(module);
    if seconds.is_null() {
        return null_mut();
    }
    let made = ffi::PyObject_CallMethod(class, c"fromtimestamp".as_ptr(), c"O".as_ptr(), seconds);
    ffi::Py_DECREF(seconds);
    made
}

fn clock(py: Python<'_>) -> i64 {
    if let Some(ns) = control::wall(py) {
        return (ns / 1000) as i64;
    }
    let mut now = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: it is written into what lives here.
    unsafe { libc::clock_gettime(libc::CLOCK_REALTIME, &mut now) };
    now.tv_sec * 1_000_000 + now.tv_nsec / 1000
}

/// Microseconds from 1970 to a naive datetime.
unsafe fn since_epoch(moment: Object) -> i64 {
    let year = i64::from(ffi::PyDateTime_GET_YEAR(moment));
    let month = i64::from(ffi::PyDateTime_GET_MONTH(moment));
    let day = i64::from(ffi::PyDateTime_GET_DAY(moment));
    // Days of the proleptic Gregorian calendar, its years beginning in March.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day;
    let hours = (days - 719_469) * 24 + i64::from(ffi::PyDateTime_DATE_GET_HOUR(moment));
    let minutes = hours * 60 + i64::from(ffi::PyDateTime_DATE_GET_MINUTE(moment));
    let seconds = minutes * 60 + i64::from(ffi::PyDateTime_DATE_GET_SECOND(moment));
    seconds * 1_000_000 + i64::from(ffi::PyDateTime_DATE_GET_MICROSECOND(moment))
}

/// The datetime so many microseconds later, of the same class.
unsafe fn shift(moment: Object, micros: i64) -> Object {
    let module = ffi::PyImport_ImportModule(c"_datetime".as_ptr());
    if module.is_null() {
        return null_mut();
    }
    let delta =
        ffi::PyObject_CallMethod(module, c"timedelta".as_ptr(), c"iiL".as_ptr(), 0, 0, micros);
    ffi::Py_DECREF(module);
    if delta.is_null() {
        return null_mut();
    }
    let result = ffi::PyNumber_Add(moment, delta);
    ffi::Py_DECREF(delta);
    result
}

pub fn install(py: Python<'_>) {
    // SAFETY: the GIL is held; what is put in has the form of what it replaces.
    unsafe {
        let module = ffi::PyImport_ImportModule(c"_datetime".as_ptr());
        if module.is_null() {
            return;
        }
        let class = ffi::PyObject_GetAttrString(module, c"datetime".as_ptr());
        replace(py, class, c"utcnow", &SOURCES[UTCNOW], utcnow);
        let date = ffi::PyObject_GetAttrString(module, c"date".as_ptr());
        let form = ffi::METH_NOARGS | ffi::METH_CLASS;
        methods::replace(py, date, c"today", form, &TODAY, today as TwoArguments);
        let now_form = ffi::METH_FASTCALL | ffi::METH_KEYWORDS | ffi::METH_CLASS;
        let from_form = ffi::METH_VARARGS | ffi::METH_KEYWORDS | ffi::METH_CLASS;
        let packed = definition(class, c"fromtimestamp", from_form);
        let fast = definition(class, c"fromtimestamp", now_form);
        let from = packed
            .map(|from| FromTimestamp::Packed(methods::function(from)))
            .or(fast.map(|from| FromTimestamp::Fast(methods::function(from))));
        if from.is_some() {
            FROM_TIMESTAMP.set(py, from);
            methods::replace(
                py,
                class,
                c"now",
                now_form,
                &ORIGINAL_NOW,
                now as FastWithKeywords,
            );
        }
    }
}
