//! Calls that receive: in a replay as much as in the recording.

use super::{kind, with_told_address};
use crate::channels;
use crate::control::{self, handle, ports, Readiness};
use crate::gil::Gil;
use crate::traffic::addresses;
use crate::traffic::steps::{failed, raise, step, turn, Told};
use crate::traffic::{is_recorded, Object, TwoArguments, WithKeywords};
use pyo3::ffi;
use pyo3::Python;
use std::ptr::null_mut;

/// What a call has received, for its step: how much, and the port that it comes from.
unsafe fn received(result: Object) -> String {
    let count = |of: Object| match ffi::PyBytes_Check(of) {
        0 => ffi::PyLong_AsLongLong(of),
        _ => ffi::PyBytes_Size(of) as i64,
    };
    let text = if ffi::PyTuple_Check(result) == 0 {
        count(result).to_string()
    } else {
        let last = ffi::PyTuple_GetItem(result, ffi::PyTuple_Size(result) - 1);
        let count = count(ffi::PyTuple_GetItem(result, 0));
        match addresses::port_in(last) {
            Some(port) => format!("{count} {}", ports::known(port)),
            None => count.to_string(),
        }
    };
    ffi::PyErr_Clear();
    text
}

/// A call that receives. It is given how much it is to receive at most: as much as in the recording.
unsafe fn receiving(
    py: Python<'_>,
    socket: Object,
    call: impl FnOnce(Option<usize>) -> Object,
) -> Object {
    let Some(fd) = handle(py, socket).filter(|_| is_recorded(py)) else {
        return call(None);
    };
    if channels::is_channel(py, fd) {
        return match channels::received_count(py) {
            Some(count) => amount(py, fd, count, call),
            None => call(None),
        };
    }
    if addresses::is_paired(fd) {
        return call(None);
    }
    let told = turn(py, "recv");
    let mut words = match told {
        Some(Told::Came(words)) => words.split(' '),
        _ => "".split(' '),
    };
    let count = words.next().and_then(|word| word.parse().ok());
    let result = match (told, count) {
        (Some(Told::Again | Told::Late), _) => raise(py, told == Some(Told::Late)),
        (_, Some(count)) => amount(py, fd, count, call),
        _ => call(None),
    };
    if result.is_null() {
        failed(py, "recv");
        return result;
    }
    let result = with_told_address(result, words.next().and_then(|word| word.parse().ok()));
    step(py, "recv", &received(result));
    result
}

/// Receives as much, when that has come.
unsafe fn amount(
    py: Python<'_>,
    fd: i32,
    count: usize,
    call: impl FnOnce(Option<usize>) -> Object,
) -> Object {
    let is_stream = kind(Some(fd)) == libc::SOCK_STREAM;
    let ended = match is_stream {
        true => control::await_amount(py, fd, count),
        false => control::await_until(py, fd, libc::POLLIN, None),
    };
    match ended {
        Readiness::Raised => null_mut(),
        _ => call((is_stream && count > 0).then_some(count)),
    }
}

/// The size among the arguments, at that place, made as small as that; a new reference.
unsafe fn at_most(arguments: Object, place: isize, count: Option<usize>) -> Object {
    let Some(count) = count.filter(|_| place <= ffi::PyTuple_Size(arguments)) else {
        return ffi::Py_NewRef(arguments);
    };
    let given = ffi::PyTuple_Size(arguments);
    let made = ffi::PyTuple_New(given.max(place + 1));
    for at in 0..given.max(place + 1) {
        let item = match at == place {
            true => ffi::PyLong_FromSize_t(count),
            false => ffi::Py_NewRef(ffi::PyTuple_GetItem(arguments, at)),
        };
        ffi::PyTuple_SetItem(made, at, item);
    }
    made
}

macro_rules! receiving_into {
    ($name:ident, $original:ident, $place:expr) => {
        pub static $original: Gil<Option<WithKeywords>> = Gil::new(None);

        pub unsafe extern "C-unwind" fn $name(
            socket: Object,
            given: Object,
            named: Object,
        ) -> Object {
            let py = Python::assume_attached();
            let Some(original) = $original.copied(py) else {
                return null_mut();
            };
            let is_positional = named.is_null() || ffi::PyDict_Size(named) == 0;
            let place: Option<isize> = $place;
            receiving(py, socket, |count| {
                let count = count.filter(|_| is_positional && place.is_some());
                let given = at_most(given, place.unwrap_or(0), count);
                let result = original(socket, given, named);
                ffi::Py_DECREF(given);
                result
            })
        }
    };
}

method!(recv, RECV, |py, socket, given, original| receiving(
    py,
    socket,
    |count| {
        let given = at_most(given, 0, count);
        let result = original(socket, given);
        ffi::Py_DECREF(given);
        result
    }
));
method!(recvfrom, RECVFROM, |py, socket, given, original| receiving(
    py,
    socket,
    |_| original(socket, given)
));
method!(recvmsg, RECVMSG, |py, socket, given, original| receiving(
    py,
    socket,
    |_| original(socket, given)
));
receiving_into!(recv_into, RECV_INTO, Some(1));
receiving_into!(recvfrom_into, RECVFROM_INTO, None);
