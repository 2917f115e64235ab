//! Pipes and sockets under control: `os.read`, `os.write`, `select.poll`; see `sockets`, too. As
//! with locks: try; if it would wait, let others go on until somebody has read, written or closed
//! something; try again. Whatever comes in another way is found when nobody else can go on.

use super::controller::{self, block, mine, now, wake, Wait, Woken};
use super::page::{key, outward};
use super::{processes, replay, sockets};
use crate::children::{Fast, FastWithKeywords};
use crate::methods::replace;
use crate::record::session::Gil;
use pyo3::ffi;
use std::ptr::{null, null_mut};

type Object = *mut ffi::PyObject;

static READ: Gil<Option<Fast>> = Gil::new(None);
static WRITE: Gil<Option<Fast>> = Gil::new(None);
static CLOSE: Gil<Option<FastWithKeywords>> = Gil::new(None);
static POLL: Gil<Option<Fast>> = Gil::new(None);

/// What comes late comes within that time at most times, in ms.
const MOMENT: i32 = 1;

/// A pipe that can be written to takes so many bytes at once.
const PIPE_BUF: usize = 4096;

pub unsafe fn descriptor(given: *const Object, count: isize) -> Option<i32> {
    if count < 1 || ffi::PyLong_Check(*given) == 0 {
        return None;
    }
    let value = ffi::PyLong_AsLong(*given);
    ffi::PyErr_Clear();
    i32::try_from(value).ok().filter(|fd| *fd >= 0)
}

unsafe fn is_ready(fd: i32, events: i16) -> bool {
    poll_for(fd, events, 0)
}

/// Whether the descriptor is ready within that time; -1 is for ever.
unsafe fn poll_for(fd: i32, events: i16, ms: i32) -> bool {
    let mut asked = libc::pollfd {
        fd,
        events,
        revents: 0,
    };
    libc::poll(&mut asked, 1, ms) != 0
}

unsafe fn waits(fd: i32) -> bool {
    libc::fcntl(fd, libc::F_GETFL) & libc::O_NONBLOCK == 0
}

unsafe fn kind(fd: i32) -> u32 {
    let mut stat: libc::stat = std::mem::zeroed();
    match libc::fstat(fd, &mut stat) {
        0 => stat.st_mode & libc::S_IFMT,
        _ => 0,
    }
}

/// Whether what comes through the descriptor may come from outside the run.
unsafe fn comes_from(fd: i32) -> u8 {
    let mut stat: libc::stat = std::mem::zeroed();
    if libc::fstat(fd, &mut stat) != 0 {
        return outward::NO;
    }
    let page = controller::page();
    match stat.st_mode & libc::S_IFMT {
        libc::S_IFIFO if page.stdin == (stat.st_dev, stat.st_ino) => outward::YES,
        libc::S_IFIFO => outward::OF_OTHERS,
        libc::S_IFSOCK => sockets::comes_from(fd),
        _ => outward::YES,
    }
}

/// Waits once until something has been read, written or closed somewhere. None: the caller is to
/// wait in its own way.
unsafe fn wait(from: u8, deadline: Option<u64>, fresh: bool) -> Option<Woken> {
    let wait = Wait {
        key: key::IO,
        deadline,
        op: 0,
        outward: from,
        fresh,
    };
    match block(wait) {
        Woken::Alone | Woken::Uncontrolled => None,
        woken => Some(woken),
    }
}

unsafe fn raised(woken: Woken) -> bool {
    woken == Woken::Interrupted && ffi::PyErr_CheckSignals() < 0
}

/// Lets others go on until the descriptor is ready, or the original is to wait. False, with an
/// exception, if the handler of a signal raised.
pub unsafe fn await_ready(fd: i32, events: i16) -> bool {
    let mut fresh = true;
    while mine() && !processes::bears() && !is_ready(fd, events) && waits(fd) {
        let from = comes_from(fd);
        if from == outward::LATE && poll_for(fd, events, MOMENT) {
            break;
        }
        match wait(from, None, fresh) {
            None => break,
            Some(woken) if raised(woken) => return false,
            Some(_) => fresh = false,
        }
    }
    true
}

pub unsafe fn changed() {
    if mine() {
        wake(key::IO);
    }
}

unsafe extern "C-unwind" fn read(module: Object, given: *const Object, count: isize) -> Object {
    let Some(original) = *READ.get() else {
        return null_mut();
    };
    if let Some(fd) = descriptor(given, count) {
        if !await_ready(fd, libc::POLLIN) {
            return null_mut();
        }
    }
    let result = original(module, given, count);
    changed();
    result
}

unsafe extern "C-unwind" fn write(module: Object, given: *const Object, count: isize) -> Object {
    let Some(original) = *WRITE.get() else {
        return null_mut();
    };
    let fd = descriptor(given, count).filter(|_| mine() && count == 2 && !processes::bears());
    if let Some(fd) = fd {
        let kind = kind(fd);
        if matches!(kind, libc::S_IFIFO | libc::S_IFSOCK) && waits(fd) {
            let mut data: ffi::Py_buffer = std::mem::zeroed();
            if ffi::PyObject_GetBuffer(*given.add(1), &mut data, ffi::PyBUF_SIMPLE) == 0 {
                let written = write_all(fd, kind, data.buf.cast(), data.len as usize);
                ffi::PyBuffer_Release(&mut data);
                changed();
                return match written {
                    Some(size) => ffi::PyLong_FromSize_t(size),
                    None => null_mut(),
                };
            }
            ffi::PyErr_Clear();
        }
    }
    let result = original(module, given, count);
    changed();
    result
}

/// Writes all of it, as a write that waits does; fewer bytes if it fails in the middle. None, with
/// an exception, if nothing was written.
unsafe fn write_all(fd: i32, kind: u32, data: *const u8, size: usize) -> Option<usize> {
    let mut done = 0;
    let mut fresh = true;
    loop {
        let rest = data.add(done).cast();
        let written = if kind == libc::S_IFSOCK {
            libc::send(fd, rest, size - done, libc::MSG_DONTWAIT)
        } else if is_ready(fd, libc::POLLOUT) {
            libc::write(fd, rest, (size - done).min(PIPE_BUF))
        } else {
            *libc::__errno_location() = libc::EAGAIN;
            -1
        };
        if written >= 0 {
            done += written as usize;
            fresh = true;
            if done >= size {
                return Some(done);
            }
            continue;
        }
        let error = crate::record::window::errno();
        if error == libc::EAGAIN {
            changed();
            match wait(comes_from(fd), None, fresh) {
                Some(woken) if raised(woken) => return (done > 0).then_some(done),
                Some(_) => fresh = false,
                None => await_room(fd),
            }
        } else if error != libc::EINTR {
            if done == 0 {
                ffi::PyErr_SetFromErrno(ffi::PyExc_OSError);
            }
            return (done > 0).then_some(done);
        } else if ffi::PyErr_CheckSignals() < 0 {
            return None;
        }
    }
}

/// Waits in the kernel until something can be written.
unsafe fn await_room(fd: i32) {
    let saved = ffi::PyEval_SaveThread();
    poll_for(fd, libc::POLLOUT, -1);
    ffi::PyEval_RestoreThread(saved);
}

unsafe extern "C-unwind" fn close(
    module: Object,
    given: *const Object,
    count: isize,
    names: Object,
) -> Object {
    let Some(original) = *CLOSE.get() else {
        return null_mut();
    };
    let result = original(module, given, count, names);
    changed();
    result
}

/// CPython's object of `select.poll`, up to date after a poll.
#[repr(C)]
struct PollObject {
    head: ffi::PyObject,
    dict: Object,
    up_to_date: i32,
    count: i32,
    asked: *const libc::pollfd,
}

unsafe fn polled_from(object: Object) -> u8 {
    let poll = &*object.cast::<PollObject>();
    if poll.asked.is_null() || poll.count <= 0 {
        return outward::NO;
    }
    let asked = std::slice::from_raw_parts(poll.asked, poll.count as usize);
    asked
        .iter()
        .map(|one| comes_from(one.fd))
        .max()
        .unwrap_or(outward::NO)
}

/// The timeout of a poll, in ms; None: for ever. Err: the original is to judge.
unsafe fn timeout(given: *const Object, count: isize) -> Result<Option<f64>, ()> {
    if count == 0 || *given == ffi::Py_None() {
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
    let Some(original) = *POLL.get() else {
        return null_mut();
    };
    let asked = timeout(given, count);
    let (true, Ok(patience)) = (mine() && count < 2 && !processes::bears(), asked) else {
        return original(object, given, count);
    };
    let zero = ffi::PyLong_FromLong(0);
    let result = poll_until(object, patience, |ms| {
        if ms == Some(0.0) {
            return original(object, &raw const zero, 1);
        }
        // For ever, or until a time that has not come yet.
        let left = match ms {
            Some(ms) => ffi::PyLong_FromDouble(ms.ceil()),
            None => ffi::Py_NewRef(ffi::Py_None()),
        };
        let result = original(object, &raw const left, 1);
        ffi::Py_DECREF(left);
        result
    });
    ffi::Py_DECREF(zero);
    result
}

unsafe fn poll_until(
    object: Object,
    patience: Option<f64>,
    ask: impl Fn(Option<f64>) -> Object,
) -> Object {
    let deadline = patience.map(|ms| now().saturating_add((ms * 1e6) as u64));
    // What the trace says that it finds; a replay may be before that or past it.
    let foretold = replay::finds_data();
    if foretold == Some(false) && patience.is_some() {
        return ffi::PyList_New(0);
    }
    let mut fresh = true;
    loop {
        let found = ask(Some(0.0));
        let waits = patience != Some(0.0) || foretold == Some(true);
        if found.is_null() || ffi::PyList_Size(found) > 0 || !waits {
            return found;
        }
        let until = match foretold {
            Some(true) => None,
            _ => deadline,
        };
        match wait(polled_from(object), until, fresh) {
            Some(Woken::TimedOut) => return found,
            Some(woken) if raised(woken) => {
                ffi::Py_DECREF(found);
                return null_mut();
            }
            Some(_) => fresh = false,
            None => {
                ffi::Py_DECREF(found);
                return ask(deadline.map(|at| at.saturating_sub(now()) as f64 / 1e6));
            }
        }
        ffi::Py_DECREF(found);
    }
}

/// Puts the functions in the place of CPython's; a second call does nothing.
///
/// # Safety
/// The GIL is held.
pub unsafe fn install() {
    if (*READ.get()).is_some() {
        return;
    }
    let posix = ffi::PyImport_ImportModule(c"posix".as_ptr());
    let keywords = ffi::METH_FASTCALL | ffi::METH_KEYWORDS;
    replace::<Fast>(posix, c"read", ffi::METH_FASTCALL, &READ, read);
    replace::<Fast>(posix, c"write", ffi::METH_FASTCALL, &WRITE, write);
    replace::<FastWithKeywords>(posix, c"close", keywords, &CLOSE, close);
    let select = ffi::PyImport_ImportModule(c"select".as_ptr());
    let made = ffi::PyObject_CallMethod(select, c"poll".as_ptr(), null());
    if !made.is_null() {
        let kind = ffi::Py_TYPE(made).cast();
        replace::<Fast>(kind, c"poll", ffi::METH_FASTCALL, &POLL, poll);
    }
    sockets::install();
    // A function that this Python does not have, or has in another form, stays as it is.
    ffi::PyErr_Clear();
}
