//! Pipes and sockets under control: `os.read`, `os.write`; see `sockets` and `polls`, too. As
//! with locks: try; if it would wait, let others go on until somebody has read, written or closed
//! something; try again. Whatever comes in another way is found when nobody else can go on.

use super::page::{key, outward};
use super::points::{block, wake, Wait, Woken};
use super::processes;
use super::reach::comes_from;
use super::slots::mine;
use crate::cpython::methods::{replace, Fast, FastWithKeywords};
use crate::gil::Gil;
use pyo3::ffi;
use pyo3::Python;
use std::ptr::null_mut;
use std::time::{Duration, Instant};

type Object = *mut ffi::PyObject;

static READ: Gil<Option<Fast>> = Gil::new(None);
static WRITE: Gil<Option<Fast>> = Gil::new(None);
static CLOSE: Gil<Option<FastWithKeywords>> = Gil::new(None);

/// What comes late comes within that time at most times, in ms.
const MOMENT: i32 = 1;

/// For so long, in ms, the system may hold small pieces back until others were acknowledged.
const HELD_BACK: i32 = 250;

/// For so long the rest of what is to come from outside is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// A pipe that can be written to takes so many bytes at once.
const PIPE_BUF: usize = 4096;

/// # Safety
/// `given` points to `count` live objects.
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

/// Waits once until something has been read, written or closed somewhere. None: the caller is to
/// wait in its own way.
pub fn wait(py: Python<'_>, from: u8, deadline: Option<u64>, fresh: bool) -> Option<Woken> {
    let wait = Wait {
        key: key::IO,
        deadline,
        op: 0,
        outward: from,
        fresh,
    };
    match block(py, wait) {
        Woken::Alone | Woken::Uncontrolled => None,
        woken => Some(woken),
    }
}

pub unsafe fn raised(woken: Woken) -> bool {
    woken == Woken::Interrupted && ffi::PyErr_CheckSignals() < 0
}

/// Lets others go on until the descriptor is ready, or the original is to wait. False, with an
/// exception, if the handler of a signal raised.
pub unsafe fn await_ready(py: Python<'_>, fd: i32, events: i16) -> bool {
    !mine() || !waits(fd) || await_until(py, fd, events, None) != Readiness::Raised
}

/// The same for one that is to be read from, if it is a pipe's or a socket's.
///
/// # Safety
/// The process is under control.
pub unsafe fn await_data(py: Python<'_>, fd: i32) -> bool {
    !mine()
        || !matches!(kind(fd), libc::S_IFIFO | libc::S_IFSOCK)
        || await_ready(py, fd, libc::POLLIN)
}

/// How a wait for a descriptor ended.
#[derive(PartialEq)]
pub enum Readiness {
    /// It is ready, or the original is to wait.
    Go,
    /// Virtual time has come to the deadline.
    Late,
    /// The handler of a signal raised: an exception is set.
    Raised,
}

/// The same, whatever the descriptor's mode says, and until virtual time has come to the deadline.
pub fn await_until(py: Python<'_>, fd: i32, events: i16, deadline: Option<u64>) -> Readiness {
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe { await_that(py, fd, deadline, |ms| poll_for(fd, events, ms)) }
}

/// Lets others go on until so many bytes can be read, or no more will come, or the original is to wait.
///
/// # Safety
/// As for `point`.
pub unsafe fn await_amount(py: Python<'_>, fd: i32, amount: usize) -> Readiness {
    // All that the recording had sent by then is on its way, and nobody else has to go first.
    if mine() && !has_amount(fd, amount, 0) && comes_from(fd) == outward::LATE {
        has_amount(fd, amount, HELD_BACK);
    }
    let ended = await_that(py, fd, None, |ms| has_amount(fd, amount, ms));
    if ended == Readiness::Go && mine() && !has_amount(fd, amount, 0) {
        // From outside it may come in pieces, of which a call would take the first.
        let end = Instant::now() + PATIENCE;
        let saved = ffi::PyEval_SaveThread();
        while !has_amount(fd, amount, 0) && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(1));
        }
        ffi::PyEval_RestoreThread(saved);
    }
    ended
}

/// Whether so many bytes can be read within that time, or no more will come.
unsafe fn has_amount(fd: i32, amount: usize, ms: i32) -> bool {
    let looked = Instant::now();
    loop {
        let mut waiting: libc::c_int = 0;
        let known = libc::ioctl(fd, libc::FIONREAD, &mut waiting) == 0;
        let mut asked = libc::pollfd {
            fd,
            events: libc::POLLIN | libc::POLLRDHUP,
            revents: 0,
        };
        let ready = libc::poll(&mut asked, 1, 0) != 0;
        let ended = asked.revents & !libc::POLLIN != 0;
        if ready && (!known || waiting as usize >= amount.max(1)) || ended {
            return true;
        }
        if looked.elapsed().as_millis() as i32 >= ms {
            return false;
        }
        std::thread::yield_now();
    }
}

/// Lets others go on until that is ready, or virtual time has come to the deadline, or the original is
/// to wait. `is_ready` may wait for so many ms.
unsafe fn await_that(
    py: Python<'_>,
    fd: i32,
    deadline: Option<u64>,
    is_ready: impl Fn(i32) -> bool,
) -> Readiness {
    let mut fresh = true;
    while mine() && !processes::bears() && !is_ready(0) {
        let from = comes_from(fd);
        if from == outward::LATE && is_ready(MOMENT) {
            break;
        }
        match wait(py, from, deadline, fresh) {
            None => break,
            Some(Woken::TimedOut) => return Readiness::Late,
            Some(woken) if raised(woken) => return Readiness::Raised,
            Some(_) => fresh = false,
        }
    }
    Readiness::Go
}

pub fn changed(py: Python<'_>) {
    if mine() {
        wake(py, key::IO);
    }
}

unsafe extern "C-unwind" fn read(module: Object, given: *const Object, count: isize) -> Object {
    let py = Python::assume_attached();
    let Some(original) = READ.copied(py) else {
        return null_mut();
    };
    if let Some(fd) = descriptor(given, count) {
        if !await_ready(py, fd, libc::POLLIN) {
            return null_mut();
        }
    }
    let result = original(module, given, count);
    changed(py);
    result
}

unsafe extern "C-unwind" fn write(module: Object, given: *const Object, count: isize) -> Object {
    let py = Python::assume_attached();
    let Some(original) = WRITE.copied(py) else {
        return null_mut();
    };
    let fd = descriptor(given, count).filter(|_| mine() && count == 2 && !processes::bears());
    if let Some(fd) = fd {
        let kind = kind(fd);
        if matches!(kind, libc::S_IFIFO | libc::S_IFSOCK) && waits(fd) {
            let mut data: ffi::Py_buffer = std::mem::zeroed();
            if ffi::PyObject_GetBuffer(*given.add(1), &mut data, ffi::PyBUF_SIMPLE) == 0 {
                let written = write_all(py, fd, kind, data.buf.cast(), data.len as usize);
                ffi::PyBuffer_Release(&mut data);
                changed(py);
                return match written {
                    Some(size) => ffi::PyLong_FromSize_t(size),
                    None => null_mut(),
                };
            }
            ffi::PyErr_Clear();
        }
    }
    let result = original(module, given, count);
    changed(py);
    result
}

/// Writes all of it, as a write that waits does; fewer bytes if it fails in the middle. None, with
/// an exception, if nothing was written or the handler of a signal raised.
pub unsafe fn write_all(
    py: Python<'_>,
    fd: i32,
    kind: u32,
    data: *const u8,
    size: usize,
) -> Option<usize> {
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
        let error = crate::os::errno();
        if error == libc::EAGAIN {
            changed(py);
            match wait(py, comes_from(fd), None, fresh) {
                Some(woken) if raised(woken) => return None,
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
    let py = Python::assume_attached();
    let Some(original) = CLOSE.copied(py) else {
        return null_mut();
    };
    let result = original(module, given, count, names);
    changed(py);
    result
}

/// Puts the functions in the place of CPython's; a second call does nothing.
pub fn install(py: Python<'_>) {
    if READ.copied(py).is_some() {
        return;
    }
    // SAFETY: the GIL is held; what is put in has the form of what it replaces.
    unsafe {
        let posix = ffi::PyImport_ImportModule(c"posix".as_ptr());
        let keywords = ffi::METH_FASTCALL | ffi::METH_KEYWORDS;
        replace::<Fast>(py, posix, c"read", ffi::METH_FASTCALL, &READ, read);
        replace::<Fast>(py, posix, c"write", ffi::METH_FASTCALL, &WRITE, write);
        replace::<FastWithKeywords>(py, posix, c"close", keywords, &CLOSE, close);
        // A function that this Python does not have, or has in another form, stays as it is.
        ffi::PyErr_Clear();
    }
}
