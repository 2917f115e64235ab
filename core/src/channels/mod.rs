//! The system's pipes and socket pairs that the program makes for itself (`os.pipe`,
//! `socket.socketpair`): what is written into one comes before what is read from it then.
//!
//! A SEND is recorded before the bytes are written, a RECV after bytes were read. Who wrote those
//! is not asked: a reading comes after all writings before it. The value of a RECV is how many bytes were
//! read. Pipes that the standard library makes
//! are not followed; what it does with the program's is.

mod files;
mod sockets;

use crate::gil::{Gil, GilMut};
use crate::model::Value;
use crate::ops::{self, outcome};
use crate::record::{self, gate, identity, sites, values};
use pyo3::prelude::*;
use pyo3::{ffi, wrap_pyfunction};
use rustc_hash::FxHashMap;

type Object = *mut ffi::PyObject;

/// What a descriptor is called by the kernel, in all processes.
type Name = (libc::dev_t, libc::ino_t);

/// The objects that stand for the bytes under way: those that are written, and those that are read.
#[derive(Clone, Copy)]
struct Channel {
    sends: u32,
    receives: u32,
}

static CHANNELS: Gil<Option<FxHashMap<Name, Channel>>> = Gil::new(None);

fn channels(py: Python<'_>) -> GilMut<'_, FxHashMap<Name, Channel>> {
    CHANNELS.get_or_insert_with(py, FxHashMap::default)
}

fn name(fd: i32) -> Option<Name> {
    // SAFETY: zeros are a value of it, and it lives as long as the call takes.
    unsafe {
        let mut stat: libc::stat = std::mem::zeroed();
        let known = libc::fstat(fd, &mut stat) == 0;
        known.then_some((stat.st_dev, stat.st_ino))
    }
}

/// None if the descriptor is no channel's, or nothing is recorded.
fn channel(py: Python<'_>, fd: Option<i32>) -> Option<Channel> {
    let fd = fd.filter(|_| record::recording())?;
    channels(py).get(&name(fd)?).copied()
}

/// Whether what passes through the descriptor has events here.
pub fn is_channel(py: Python<'_>, fd: i32) -> bool {
    channel(py, Some(fd)).is_some()
}

/// How much the calling thread, whose turn it is, receives by the trace; None if that does not say.
pub fn received_count(py: Python<'_>) -> Option<usize> {
    match gate::answer(py, ops::RECV, 0).known()?.value {
        Value::Int(count) if gate::is_settled(py) => count.try_into().ok(),
        _ => None,
    }
}

/// How much a call has received.
unsafe fn count_of(result: Object) -> i64 {
    let first = match ffi::PyTuple_Check(result) {
        0 => result,
        _ => ffi::PyTuple_GetItem(result, 0),
    };
    let count = match ffi::PyBytes_Check(first) {
        0 => ffi::PyLong_AsLongLong(first),
        _ => ffi::PyBytes_Size(first) as i64,
    };
    ffi::PyErr_Clear();
    count
}

fn define(py: Python<'_>, kind: &str) -> u32 {
    let number = identity::define_here(py, kind, "");
    identity::share(py, number, "");
    number
}

/// Whether the code that runs so many frames above the innermost is the program's, and not of the
/// standard library.
unsafe fn is_program(py: Python<'_>, above: usize) -> bool {
    let mut frame = ffi::Py_XNewRef(ffi::PyEval_GetFrame().cast());
    for _ in 0..above {
        if !frame.is_null() {
            let caller = ffi::PyFrame_GetBack(frame.cast());
            ffi::Py_DECREF(frame);
            frame = caller.cast();
        }
    }
    if frame.is_null() {
        return false;
    }
    let code = ffi::PyFrame_GetCode(frame.cast());
    let internal = sites::is_internal(py, code as usize);
    ffi::Py_DECREF(code.cast());
    ffi::Py_DECREF(frame);
    !internal
}

/// The calling thread has made a pipe.
fn made_pipe(py: Python<'_>, fd: i32) {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        if let Some(name) = name(fd).filter(|_| record::recording() && is_program(py, 0)) {
            files::install(py);
            let number = define(py, "Pipe");
            let channel = Channel {
                sends: number,
                receives: number,
            };
            channels(py).insert(name, channel);
        }
    }
}

/// The hook of `socketpair`, whose caller has made a pair of sockets with these descriptors.
#[pyfunction]
fn made_sockets(py: Python<'_>, one: i32, other: i32) {
    const CALLER: usize = 2;
    // SAFETY: the frames are those that run, and what is put in has the form of what it replaces.
    unsafe {
        if !is_program(py, CALLER) {
            return;
        }
        let (Some(one), Some(other)) = (name(one), name(other)) else {
            return;
        };
        files::install(py);
        sockets::install(py);
        let (to_one, to_other) = (define(py, "SocketPair"), define(py, "SocketPair"));
        let channel = |sends, receives| Channel { sends, receives };
        channels(py).insert(one, channel(to_other, to_one));
        channels(py).insert(other, channel(to_one, to_other));
    }
}

/// A call that writes into a descriptor, or closes it.
fn sending(py: Python<'_>, op: u8, fd: Option<i32>, call: impl FnOnce() -> Object) -> Object {
    if let Some(channel) = channel(py, fd) {
        record::emit(py, op, channel.sends, outcome::OK, || (values::ABSENT, 0));
    }
    call()
}

/// A call that reads from a descriptor. No other thread goes on between the reading and its event, or
/// a replay would read more.
fn receiving(py: Python<'_>, fd: Option<i32>, call: impl FnOnce() -> Object) -> Object {
    let Some(Channel { receives, .. }) = channel(py, fd) else {
        return call();
    };
    if gate::next(py, ops::RECV, receives).is_this() {
        gate::before(py, ops::RECV, receives, 0);
    }
    let result = call();
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        if !result.is_null() && result != ffi::Py_None() {
            let count = count_of(result) as u64;
            record::event(py, ops::RECV, receives, outcome::OK, values::INT, count);
        }
    }
    result
}

/// Forgets everything: a new recording numbers afresh.
pub fn reset(py: Python<'_>) {
    channels(py).clear();
}

/// Notices the pipes that are made; what is done with them is replaced when the first has been.
pub fn install(py: Python<'_>) {
    files::notice(py);
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(made_sockets, m)?)
}
