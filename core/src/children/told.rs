//! Calls that take or give the pid of a process: the program has those that it was told.

use super::sent::sent;
use super::{int, Object};
use crate::control::{self, members, pids, processes};
use crate::cpython::methods::{replace, Fast, FastWithKeywords, TwoArguments};
use crate::gil::Gil;
use pyo3::ffi;
use pyo3::Python;

static KILL: Gil<Option<Fast>> = Gil::new(None);
static KILLPG: Gil<Option<Fast>> = Gil::new(None);
static GETPGID: Gil<Option<FastWithKeywords>> = Gil::new(None);
static PIDFD_OPEN: Gil<Option<FastWithKeywords>> = Gil::new(None);
static GETPID: Gil<Option<TwoArguments>> = Gil::new(None);
static GETPPID: Gil<Option<TwoArguments>> = Gil::new(None);

/// The arguments of a call, with the real pid at the position.
pub struct Meant {
    given: *const Object,
    /// With another pid than the given one; else nothing.
    changed: Vec<Object>,
    pid: Object,
}

impl Meant {
    pub unsafe fn new(given: *const Object, count: isize, position: isize) -> Meant {
        let known = int(given, count, position).unwrap_or(-1);
        let mut meant = Meant {
            given,
            changed: Vec::new(),
            pid: std::ptr::null_mut(),
        };
        let real = pids::real(known);
        if real != known {
            meant.pid = ffi::PyLong_FromLong(real.into());
            meant.changed = std::slice::from_raw_parts(given, count as usize).to_vec();
            meant.changed[position as usize] = meant.pid;
        }
        meant
    }

    pub fn arguments(&self) -> *const Object {
        match self.pid.is_null() {
            true => self.given,
            false => self.changed.as_ptr(),
        }
    }
}

impl Drop for Meant {
    fn drop(&mut self) {
        // SAFETY: the reference is its own.
        unsafe { ffi::Py_XDECREF(self.pid) };
    }
}

unsafe extern "C-unwind" fn kill(module: Object, given: *const Object, count: isize) -> Object {
    let py = Python::assume_attached();
    let Some(original) = KILL.copied(py) else {
        return std::ptr::null_mut();
    };
    let meant = Meant::new(given, count, 0);
    let given = meant.arguments();
    let receiver = int(given, count, 0).zip(int(given, count, 1));
    if let Some((pid, number)) = receiver {
        sent(py, pid, number);
    }
    let dies = receiver.is_some_and(|(pid, number)| {
        control::mine() && pid > 0 && members::dies_of(pid as u32, number)
    });
    if let Some((pid, number)) = receiver.filter(|_| dies) {
        if !processes::dies_now(py, pid as u32, number) {
            return ffi::Py_NewRef(ffi::Py_None());
        }
    }
    let result = original(module, given, count);
    if let Some((pid, number)) = receiver.filter(|&(pid, _)| pid > 0 && !result.is_null()) {
        match dies {
            true => processes::bury(py, pid as u32),
            false => control::signalled(py, pid as u32, number),
        }
    }
    result
}

unsafe extern "C-unwind" fn killpg(module: Object, given: *const Object, count: isize) -> Object {
    let py = Python::assume_attached();
    match KILLPG.copied(py) {
        Some(original) => {
            let meant = Meant::new(given, count, 0);
            let given = meant.arguments();
            if let Some((group, number)) = int(given, count, 0).zip(int(given, count, 1)) {
                sent(py, -group, number);
            }
            original(module, given, count)
        }
        None => std::ptr::null_mut(),
    }
}

/// Functions of one process that may be given it by name.
unsafe fn of_process(
    original: Option<FastWithKeywords>,
    module: Object,
    given: *const Object,
    count: isize,
    names: Object,
) -> Object {
    let named = match names.is_null() {
        true => 0,
        false => ffi::PyTuple_Size(names),
    };
    match original {
        Some(original) => {
            let meant = Meant::new(given, count + named, 0);
            original(module, meant.arguments(), count, names)
        }
        None => std::ptr::null_mut(),
    }
}

unsafe extern "C-unwind" fn getpgid(
    module: Object,
    given: *const Object,
    count: isize,
    names: Object,
) -> Object {
    let py = Python::assume_attached();
    let result = of_process(GETPGID.copied(py), module, given, count, names);
    if result.is_null() {
        return result;
    }
    let group = ffi::PyLong_AsLong(result) as i32;
    ffi::Py_DECREF(result);
    ffi::PyLong_FromLong(pids::known(group).into())
}

unsafe extern "C-unwind" fn pidfd_open(
    module: Object,
    given: *const Object,
    count: isize,
    names: Object,
) -> Object {
    let py = Python::assume_attached();
    of_process(PIDFD_OPEN.copied(py), module, given, count, names)
}

unsafe extern "C-unwind" fn getpid(_: Object, _: Object) -> Object {
    ffi::PyLong_FromLong(pids::own().into())
}

unsafe extern "C-unwind" fn getppid(_: Object, _: Object) -> Object {
    ffi::PyLong_FromLong(pids::known(libc::getppid()).into())
}

/// Replaces the functions.
pub unsafe fn install(py: Python<'_>, module: Object) {
    let keywords = ffi::METH_FASTCALL | ffi::METH_KEYWORDS;
    replace::<Fast>(py, module, c"kill", ffi::METH_FASTCALL, &KILL, kill);
    replace::<Fast>(py, module, c"killpg", ffi::METH_FASTCALL, &KILLPG, killpg);
    replace::<FastWithKeywords>(py, module, c"getpgid", keywords, &GETPGID, getpgid);
    replace::<FastWithKeywords>(py, module, c"pidfd_open", keywords, &PIDFD_OPEN, pidfd_open);
    replace::<TwoArguments>(py, module, c"getpid", ffi::METH_NOARGS, &GETPID, getpid);
    replace::<TwoArguments>(py, module, c"getppid", ffi::METH_NOARGS, &GETPPID, getppid);
}
