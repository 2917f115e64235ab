//! The system's pipes and socket pairs that the program makes for itself (`os.pipe`,
//! `socket.socketpair`): what is written into one comes before what is read from it then.
//!
//! A SEND is recorded before the bytes are written, a RECV after bytes were read. Who wrote those
//! is not asked: a reading comes after all writings before it. The value of a RECV is how many bytes were
//! read. Pipes that the standard library makes
//! are not followed; what it does with the program's is.

mod files;
mod sockets;

use crate::gil::Gil;
use crate::model::Value;
use crate::ops::{self, outcome};
use crate::record::{self, gate, identity, sites, values};
use crate::replay;
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

unsafe fn channels() -> &'static mut FxHashMap<Name, Channel> {
    CHANNELS.get().get_or_insert_with(FxHashMap::default)
}

unsafe fn name(fd: i32) -> Option<Name> {
    let mut stat: libc::stat = std::mem::zeroed();
    let known = libc::fstat(fd, &mut stat) == 0;
    known.then_some((stat.st_dev, stat.st_ino))
}

/// None if the descriptor is no channel's, or nothing is recorded.
unsafe fn channel(fd: Option<i32>) -> Option<Channel> {
    let fd = fd.filter(|_| record::recording())?;
    channels().get(&name(fd)?).copied()
}

/// Whether what passes through the descriptor has events here.
///
/// # Safety
/// The GIL is held.
pub unsafe fn is_channel(fd: i32) -> bool {
    channel(Some(fd)).is_some()
}

/// How much the calling thread, whose turn it is, receives by the trace; None if that does not say.
///
/// # Safety
/// The GIL is held.
pub unsafe fn received_count() -> Option<usize> {
    let event = replay::due(ops::RECV).filter(|_| replay::exactly())?;
    match event.value {
        Value::Int(count) => count.try_into().ok(),
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

unsafe fn define(kind: &str) -> u32 {
    let number = identity::define_here(kind, "");
    identity::share(number, "");
    number
}

/// Whether the code that runs so many frames above the innermost is the program's, and not of the
/// standard library.
unsafe fn is_program(above: usize) -> bool {
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
    let internal = sites::is_internal(code as usize);
    ffi::Py_DECREF(code.cast());
    ffi::Py_DECREF(frame);
    !internal
}

/// The calling thread has made a pipe.
unsafe fn made_pipe(fd: i32) {
    if let Some(name) = name(fd).filter(|_| record::recording() && is_program(0)) {
        files::install();
        let number = define("Pipe");
        let channel = Channel {
            sends: number,
            receives: number,
        };
        channels().insert(name, channel);
    }
}

/// The hook of `socketpair`, whose caller has made a pair of sockets with these descriptors.
#[pyfunction]
fn made_sockets(one: i32, other: i32) {
    const CALLER: usize = 2;
    unsafe {
        if !is_program(CALLER) {
            return;
        }
        let (Some(one), Some(other)) = (name(one), name(other)) else {
            return;
        };
        files::install();
        sockets::install();
        let (to_one, to_other) = (define("SocketPair"), define("SocketPair"));
        let channel = |sends, receives| Channel { sends, receives };
        channels().insert(one, channel(to_other, to_one));
        channels().insert(other, channel(to_one, to_other));
    }
}

/// A call that writes into a descriptor, or closes it.
unsafe fn sending(op: u8, fd: Option<i32>, call: impl FnOnce() -> Object) -> Object {
    if let Some(channel) = channel(fd) {
        record::emit(op, channel.sends, outcome::OK, || (values::ABSENT, 0));
    }
    call()
}

/// A call that reads from a descriptor. No other thread goes on between the reading and its event, or
/// a replay would read more.
unsafe fn receiving(fd: Option<i32>, call: impl FnOnce() -> Object) -> Object {
    let Some(Channel { receives, .. }) = channel(fd) else {
        return call();
    };
    if replay::comes(ops::RECV, receives) {
        gate::before(ops::RECV, receives, 0);
    }
    let result = call();
    if !result.is_null() && result != ffi::Py_None() {
        let count = count_of(result) as u64;
        record::event(ops::RECV, receives, outcome::OK, values::INT, count);
    }
    result
}

/// Forgets everything: a new recording numbers afresh.
///
/// # Safety
/// The GIL is held.
pub unsafe fn reset() {
    channels().clear();
}

/// Notices the pipes that are made; what is done with them is replaced when the first has been.
///
/// # Safety
/// The GIL is held.
pub unsafe fn install() {
    files::notice();
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(made_sockets, m)?)
}
