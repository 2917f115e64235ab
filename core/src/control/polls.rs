//! `select.poll`, `select.select` and `select.epoll` under control. As with pipes: ask without waiting;
//! if nothing is found, let others go on, and ask again.

use super::descriptors::{raised, wait};
use super::page::outward;
use super::points::Woken;
use super::processes;
use super::reach::comes_from;
use super::slots::{self, mine, now, strategy};
use crate::cpython::descriptors;
use crate::cpython::methods::{replace, Fast, FastWithKeywords};
use crate::gil::Gil;
use pyo3::ffi;
use pyo3::Python;
use std::ptr::{null, null_mut};

type Object = *mut ffi::PyObject;

static POLL: Gil<Option<Fast>> = Gil::new(None);
static SELECT: Gil<Option<Fast>> = Gil::new(None);
static EPOLL: Gil<Option<FastWithKeywords>> = Gil::new(None);

unsafe fn polled_from(object: Object) -> u8 {
    worst(descriptors::polled(object).iter().map(|one| one.fd))
}

/// The timeout among a call's arguments; None: for ever. Err: the original is to judge.
unsafe fn timeout(given: *const Object, count: isize) -> Result<Option<f64>, ()> {
    if count <= 0 || *given == ffi::Py_None() {
        return Ok(None);
    }
    let ms = ffi::PyFloat_AsDouble(*given);
    if !ffi::PyErr_Occurred().is_null() {
        ffi::PyErr_Clear();
        return Err(());
    }
    Ok((ms >= 0.0).then_some(ms))
}

unsafe extern "C-unwind" fn poll(object: Object, given: *const Object, count: isize) -> Object {
    let py = Python::assume_attached();
    let Some(original) = POLL.copied(py) else {
        return null_mut();
    };
    let asked = timeout(given, count);
    let (true, Ok(patience)) = (mine() && count < 2 && !processes::bears(), asked) else {
        return original(object, given, count);
    };
    if strategy().finds_data(py) == Some(false) && patience.is_some() {
        return ffi::PyList_New(0);
    }
    let ask = |ms: Option<f64>| {
        let left = match ms {
            Some(ms) => ffi::PyLong_FromDouble(ms.ceil()),
            None => ffi::Py_NewRef(ffi::Py_None()),
        };
        let result = original(object, &raw const left, 1);
        ffi::Py_DECREF(left);
        result
    };
    poll_until(py, patience, || polled_from(object), is_nonempty, ask)
}

fn is_nonempty(list: Object) -> bool {
    // SAFETY: the object is live.
    unsafe { ffi::PyList_Size(list) > 0 }
}

/// `seconds` as the original takes them: None for ever.
unsafe fn in_seconds(ms: Option<f64>) -> Object {
    match ms {
        Some(ms) => ffi::PyFloat_FromDouble(ms / 1e3),
        None => ffi::Py_NewRef(ffi::Py_None()),
    }
}

unsafe extern "C-unwind" fn select(module: Object, given: *const Object, count: isize) -> Object {
    let py = Python::assume_attached();
    let Some(original) = SELECT.copied(py) else {
        return null_mut();
    };
    let asked = timeout(given.offset(3.min(count)), count - 3);
    let (true, Ok(patience)) = (
        mine() && (3..=4).contains(&count) && !processes::bears(),
        asked,
    ) else {
        return original(module, given, count);
    };
    // Each is asked for several times.
    let lists = [0, 1, 2].map(|index| ffi::PySequence_List(*given.offset(index)));
    let result = if lists.iter().any(|list| list.is_null()) {
        ffi::PyErr_Clear();
        original(module, given, count)
    } else {
        let ask = |ms: Option<f64>| {
            let left = in_seconds(ms);
            let arguments = [lists[0], lists[1], lists[2], left];
            let result = original(module, arguments.as_ptr(), 4);
            ffi::Py_DECREF(left);
            result
        };
        let is_found = |found| {
            // SAFETY: the object is live.
            (0..3).any(|index| unsafe { ffi::PyList_Size(ffi::PyTuple_GetItem(found, index)) > 0 })
        };
        let patience = patience.map(|seconds| seconds * 1e3);
        poll_until(py, patience, || selected_from(&lists), is_found, ask)
    };
    for list in lists {
        ffi::Py_XDECREF(list);
    }
    result
}

unsafe fn selected_from(lists: &[Object; 3]) -> u8 {
    let items = lists.iter().flat_map(|&list| {
        (0..ffi::PyList_Size(list)).map(move |index| ffi::PyList_GetItem(list, index))
    });
    let descriptors: Vec<i32> = items
        .map(|item| ffi::PyObject_AsFileDescriptor(item))
        .collect();
    ffi::PyErr_Clear();
    worst(descriptors.into_iter())
}

/// Where what comes through the least known of the descriptors may come from.
unsafe fn worst(descriptors: impl Iterator<Item = i32>) -> u8 {
    descriptors
        .map(|fd| comes_from(fd))
        .max()
        .unwrap_or(outward::NO)
}

unsafe extern "C-unwind" fn epoll(
    object: Object,
    given: *const Object,
    count: isize,
    names: Object,
) -> Object {
    let py = Python::assume_attached();
    let Some(original) = EPOLL.copied(py) else {
        return null_mut();
    };
    let named = match names.is_null() {
        true => 0,
        false => ffi::PyTuple_Size(names),
    };
    let is_timeout = |index: isize| {
        let name = ffi::PyTuple_GetItem(names, index);
        ffi::PyUnicode_CompareWithASCIIString(name, c"timeout".as_ptr()) == 0
    };
    let place = match count {
        0 => (0..named).find(|&index| is_timeout(index)),
        _ => Some(0),
    };
    let asked = timeout(
        given.offset(place.unwrap_or(0)),
        isize::from(place.is_some()),
    );
    let (true, Ok(patience)) = (mine() && !processes::bears(), asked) else {
        return original(object, given, count, names);
    };
    let patience = patience.map(|seconds| seconds * 1e3);
    let total = (count + named) as usize;
    let ask = |ms: Option<f64>| {
        let left = in_seconds(ms);
        let mut arguments = match total {
            0 => Vec::new(),
            _ => std::slice::from_raw_parts(given, total).to_vec(),
        };
        let result = match place {
            Some(place) => {
                arguments[place as usize] = left;
                original(object, arguments.as_ptr(), count, names)
            }
            None => {
                arguments.insert(0, left);
                original(object, arguments.as_ptr(), 1, names)
            }
        };
        ffi::Py_DECREF(left);
        result
    };
    poll_until(py, patience, || watched_from(object), is_nonempty, ask)
}

/// Those that the kernel says an epoll object watches.
unsafe fn watched_from(object: Object) -> u8 {
    let fd = ffi::PyObject_AsFileDescriptor(object);
    ffi::PyErr_Clear();
    let text = std::fs::read_to_string(format!("/proc/self/fdinfo/{fd}")).unwrap_or_default();
    let lines = text.lines().filter_map(|line| line.strip_prefix("tfd:"));
    worst(lines.filter_map(|line| line.split_whitespace().next()?.parse().ok()))
}

/// Asks until something is found or so many ms of virtual time have passed (None: for ever). `ask` is
/// given how long the original may wait.
unsafe fn poll_until(
    py: Python<'_>,
    patience: Option<f64>,
    from: impl Fn() -> u8,
    is_found: impl Fn(Object) -> bool,
    ask: impl Fn(Option<f64>) -> Object,
) -> Object {
    let deadline = patience.map(|ms| now().saturating_add((ms * 1e6) as u64));
    // What the trace says that it finds; a replay may be before that or past it.
    let foretold = strategy().finds_data(py);
    let mut fresh = true;
    loop {
        let found = ask(Some(0.0));
        let waits = patience != Some(0.0) || foretold == Some(true);
        if found.is_null() || is_found(found) || !waits {
            return found;
        }
        let until = match foretold {
            Some(true) => None,
            _ => deadline,
        };
        match wait(py, from(), until, fresh) {
            Some(Woken::TimedOut) => return found,
            Some(woken) if raised(woken) => {
                ffi::Py_DECREF(found);
                return null_mut();
            }
            Some(_) => fresh = false,
            None => {
                ffi::Py_DECREF(found);
                let found = ask(deadline.map(|at| at.saturating_sub(now()) as f64 / 1e6));
                if let Some(at) = deadline.filter(|_| !found.is_null() && !is_found(found)) {
                    slots::pass_until(at);
                }
                return found;
            }
        }
        ffi::Py_DECREF(found);
    }
}

/// Puts the functions in the place of CPython's.
pub fn install(py: Python<'_>) {
    // SAFETY: the GIL is held; what is put in has the form of what it replaces.
    unsafe {
        let module = ffi::PyImport_ImportModule(c"select".as_ptr());
        replace::<Fast>(py, module, c"select", ffi::METH_FASTCALL, &SELECT, select);
        let made = ffi::PyObject_CallMethod(module, c"poll".as_ptr(), null());
        if !made.is_null() {
            let kind = ffi::Py_TYPE(made).cast();
            replace::<Fast>(py, kind, c"poll", ffi::METH_FASTCALL, &POLL, poll);
        }
        let kind = ffi::PyObject_GetAttrString(module, c"epoll".as_ptr());
        let keywords = ffi::METH_FASTCALL | ffi::METH_KEYWORDS;
        replace::<FastWithKeywords>(py, kind, c"poll", keywords, &EPOLL, epoll);
    }
}
