//! `select.select`, `select.poll` and `select.epoll`: what they find ready.

use super::steps::{failed, raise, step, turn, Told};
use super::{addresses, is_recorded, Object};
use crate::channels;
use crate::control::{self, Readiness};
use crate::cpython::methods::{replace, Fast, FastWithKeywords};
use crate::gil::Gil;
use pyo3::ffi;
use pyo3::Python;
use std::fmt::Write;
use std::ptr::{null, null_mut};

static SELECT: Gil<Option<Fast>> = Gil::new(None);
static POLL: Gil<Option<Fast>> = Gil::new(None);
static EPOLL: Gil<Option<FastWithKeywords>> = Gil::new(None);

/// Waits until the descriptor is ready as it was in the recording, but for one that only wakes an event
/// loop. False, with an exception, if the handler of a signal raised.
fn is_ready(py: Python<'_>, fd: i32, events: i16) -> bool {
    if addresses::is_paired(fd) && !channels::is_channel(py, fd) {
        return true;
    }
    let asked = events & (libc::POLLIN | libc::POLLOUT | libc::POLLPRI);
    control::await_until(py, fd, asked, None) != Readiness::Raised
}

/// A call that answers a list of `(descriptor, events)`.
fn finding(py: Python<'_>, name: &str, call: impl FnOnce() -> Object) -> Object {
    if !is_recorded(py) {
        return call();
    }
    let result = match turn(py, name) {
        Some(Told::Came(words)) => listed(py, words),
        Some(told) => raise(py, told == Told::Late),
        None => call(),
    };
    if result.is_null() {
        failed(py, name);
        return result;
    }
    let mut text = String::new();
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        for at in 0..ffi::PyList_Size(result) {
            let pair = ffi::PyList_GetItem(result, at);
            let number = |at| ffi::PyLong_AsLong(ffi::PyTuple_GetItem(pair, at));
            let _ = write!(text, "{}:{} ", number(0), number(1));
        }
    }
    step(py, name, text.trim_end());
    result
}

/// The list of the recording, when all in it is ready; null with an exception.
fn listed(py: Python<'_>, words: &str) -> Object {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        let found = ffi::PyList_New(0);
        for word in words.split_whitespace() {
            let pair = word.split_once(':').unwrap_or_default();
            let (Ok(fd), Ok(events)) = (pair.0.parse::<i32>(), pair.1.parse::<i32>()) else {
                continue;
            };
            if !is_ready(py, fd, events as i16) {
                ffi::Py_DECREF(found);
                return null_mut();
            }
            let pair = ffi::Py_BuildValue(c"(ii)".as_ptr(), fd, events);
            ffi::PyList_Append(found, pair);
            ffi::Py_XDECREF(pair);
        }
        found
    }
}

unsafe extern "C-unwind" fn poll(object: Object, given: *const Object, count: isize) -> Object {
    let py = Python::assume_attached();
    match POLL.copied(py) {
        Some(original) => finding(py, "poll", || original(object, given, count)),
        None => null_mut(),
    }
}

unsafe extern "C-unwind" fn epoll(
    object: Object,
    given: *const Object,
    count: isize,
    names: Object,
) -> Object {
    let py = Python::assume_attached();
    match EPOLL.copied(py) {
        Some(original) => finding(py, "epoll", || original(object, given, count, names)),
        None => null_mut(),
    }
}

/// What is asked of the three lists of `select`, by letter.
const KINDS: [(&str, i16); 3] = [
    ("r", libc::POLLIN),
    ("w", libc::POLLOUT),
    ("x", libc::POLLPRI),
];

unsafe extern "C-unwind" fn select(module: Object, given: *const Object, count: isize) -> Object {
    let py = Python::assume_attached();
    let Some(original) = SELECT.copied(py) else {
        return null_mut();
    };
    if !(3..=4).contains(&count) || !is_recorded(py) {
        return original(module, given, count);
    }
    // Each is gone through twice.
    let lists = [0, 1, 2].map(|at| ffi::PySequence_List(*given.offset(at)));
    if lists.iter().any(|list| list.is_null()) {
        ffi::PyErr_Clear();
        lists.iter().for_each(|&list| ffi::Py_XDECREF(list));
        return original(module, given, count);
    }
    let result = match turn(py, "select") {
        Some(Told::Came(words)) => selected(py, &lists, words),
        Some(told) => raise(py, told == Told::Late),
        None => {
            let mut asked = std::slice::from_raw_parts(given, count as usize).to_vec();
            asked[..3].copy_from_slice(&lists);
            original(module, asked.as_ptr(), count)
        }
    };
    match result.is_null() {
        true => failed(py, "select"),
        false => step(py, "select", &places(&lists, result)),
    }
    lists.iter().for_each(|&list| ffi::Py_DECREF(list));
    result
}

/// Where in the lists the objects are that were found.
unsafe fn places(lists: &[Object; 3], found: Object) -> String {
    let mut text = String::new();
    for ((list, (letter, _)), of) in lists.iter().zip(KINDS).zip(0..) {
        let found = ffi::PyTuple_GetItem(found, of);
        let mut from = 0;
        for at in 0..ffi::PyList_Size(found) {
            let one = ffi::PyList_GetItem(found, at);
            let mut rest = from..ffi::PyList_Size(*list);
            if let Some(place) = rest.find(|&place| ffi::PyList_GetItem(*list, place) == one) {
                let between = if text.is_empty() { "" } else { " " };
                let _ = write!(text, "{between}{letter}{place}");
                from = place + 1;
            }
        }
    }
    text
}

/// The objects at the places of the recording, when all are ready; null with an exception.
unsafe fn selected(py: Python<'_>, lists: &[Object; 3], words: &str) -> Object {
    let found = [0; 3].map(|_| ffi::PyList_New(0));
    let mut raised = false;
    for word in words.split_whitespace() {
        let Some(of) = KINDS
            .iter()
            .position(|(letter, _)| word.starts_with(letter))
        else {
            continue;
        };
        let place = word[1..].parse().unwrap_or(isize::MAX);
        if place >= ffi::PyList_Size(lists[of]) {
            continue;
        }
        let one = ffi::PyList_GetItem(lists[of], place);
        let fd = ffi::PyObject_AsFileDescriptor(one);
        if fd < 0 || !is_ready(py, fd, KINDS[of].1) {
            raised = true;
            break;
        }
        ffi::PyList_Append(found[of], one);
    }
    let result = match raised {
        true => null_mut(),
        false => ffi::PyTuple_Pack(3, found[0], found[1], found[2]),
    };
    found.iter().for_each(|&list| ffi::Py_XDECREF(list));
    result
}

/// Puts the functions in the place of CPython's and of control's; a second call does nothing.
///
/// `select` has been imported.
pub fn install(py: Python<'_>) {
    if SELECT.copied(py).is_some() {
        return;
    }
    control::install_descriptors(py);
    // SAFETY: the GIL is held; what is put in has the form of what it replaces.
    unsafe {
        let module = ffi::PyImport_ImportModule(c"select".as_ptr());
        replace::<Fast>(py, module, c"select", ffi::METH_FASTCALL, &SELECT, select);
        let made = ffi::PyObject_CallMethod(module, c"poll".as_ptr(), null());
        if !made.is_null() {
            let kind = ffi::Py_TYPE(made).cast();
            replace::<Fast>(py, kind, c"poll", ffi::METH_FASTCALL, &POLL, poll);
            ffi::Py_DECREF(made);
        }
        let kind = ffi::PyObject_GetAttrString(module, c"epoll".as_ptr());
        let keywords = ffi::METH_FASTCALL | ffi::METH_KEYWORDS;
        replace::<FastWithKeywords>(py, kind, c"poll", keywords, &EPOLL, epoll);
        ffi::PyErr_Clear();
    }
}
