//! What the system tells of the time and memory that processes have used: `os.times`,
//! `resource.getrusage`. The answer is a row of numbers; the event has them as a text.

use super::{recorded, replace, Object, Source};
use crate::ops;
use crate::record::{gate, values};
use pyo3::ffi;
use pyo3::Python;
use std::fmt::Write;

pub static SOURCES: [Source; 3] = [
    Source::new("os.times"),
    Source::new("os.getloadavg"),
    Source::new("resource.getrusage"),
];
const TIMES: usize = 0;
const LOAD: usize = 1;
const USAGE: usize = 2;

unsafe extern "C-unwind" fn row<const SOURCE: usize>(module: Object, argument: Object) -> Object {
    let py = Python::assume_attached();
    let source = &SOURCES[SOURCE];
    let mut answer = source.ask(py, module, argument);
    if answer.is_null() || !recorded(py) {
        return answer;
    }
    if let Some(text) = gate::ask(py, ops::INPUT, 0).text() {
        let told = row_of(text, ffi::Py_TYPE(answer).cast());
        if !told.is_null() {
            ffi::Py_DECREF(std::mem::replace(&mut answer, told));
        }
        ffi::PyErr_Clear();
    }
    let (tag, bits) = values::text(py, text_of(answer).as_bytes());
    source.record(py, tag, bits);
    answer
}

fn is_whole(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'-')
}

/// The numbers of a row, with a space between two.
unsafe fn text_of(row: Object) -> String {
    let mut text = String::new();
    for at in 0..ffi::PyTuple_Size(row) {
        let number = ffi::PyTuple_GetItem(row, at);
        let space = if at == 0 { "" } else { " " };
        let _ = match ffi::PyLong_Check(number) {
            0 => write!(text, "{space}{:?}", ffi::PyFloat_AsDouble(number)),
            _ => write!(text, "{space}{}", ffi::PyLong_AsLongLong(number)),
        };
    }
    ffi::PyErr_Clear();
    text
}

/// The row of such a text, of the class; null, perhaps with an exception, if it is none.
unsafe fn row_of(text: &[u8], class: Object) -> Object {
    let words: Vec<&str> = std::str::from_utf8(text)
        .unwrap_or_default()
        .split(' ')
        .collect();
    let numbers = ffi::PyTuple_New(words.len() as ffi::Py_ssize_t);
    for (at, word) in (0..).zip(words) {
        let number = match is_whole(word) {
            true => ffi::PyLong_FromLongLong(word.parse().unwrap_or(0)),
            false => ffi::PyFloat_FromDouble(word.parse().unwrap_or(0.0)),
        };
        ffi::PyTuple_SetItem(numbers, at, number);
    }
    let row = ffi::PyObject_CallOneArg(class, numbers);
    ffi::Py_DECREF(numbers);
    row
}

/// The functions of a module that is not always there, when it has been imported.
pub unsafe fn install_in(py: Python<'_>, module: Object) {
    replace(py, module, c"getrusage", &SOURCES[USAGE], row::<USAGE>);
}

pub fn install(py: Python<'_>) {
    // SAFETY: the GIL is held; what is put in has the form of what it replaces.
    unsafe {
        let posix = ffi::PyImport_ImportModule(c"posix".as_ptr());
        replace(py, posix, c"times", &SOURCES[TIMES], row::<TIMES>);
        replace(py, posix, c"getloadavg", &SOURCES[LOAD], row::<LOAD>);
    }
}
