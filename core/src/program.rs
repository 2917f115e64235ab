//! Runs the recorded program in its main thread, and ends the process as the interpreter would.
//!
//! The interpreter runs a script with no Python frame below it and then ends. Ours is started with
//! a stub of a few lines; so that a program finds none of our frames (in `sys._getframe`, stack
//! traces, warnings, at the recursion limit), the program is run from here, with those hidden, and
//! the process is ended from here too, by the same steps as in CPython's `Py_RunMain`.

use crate::cpython::frames;
use crate::ops::{self, outcome};
use crate::record::{self, buffer, gate, sites, threads, values};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyCode, PyModule, PyTuple};
use std::ffi::{CStr, CString};
use std::fs::File;
use std::io::{Seek, Write};
use std::os::fd::{FromRawFd, IntoRawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicI32, Ordering};

type Object = *mut ffi::PyObject;

/// The C calls between the interpreter and a function called by the stub: its evaluation of the
/// stub, and the call.
const NESTED_CALLS: i32 = 3;

/// Runs `program`, code of the module `__main__` or a callable, or raises it if it is an exception,
/// and ends the process. If it is a tuple of source and file name, it is run as a file, as it is. `flush` says that the standard streams are flushed between
/// the program's end and the report of an exception, as after a script; `mask` are the signals to
/// be blocked in the program, if others are until it begins. Returns only if the
/// interpreter is to go on interactively (PYTHONINSPECT).
#[pyfunction]
#[pyo3(signature = (program, *arguments, flush, mask))]
fn run_to_end(
    py: Python<'_>,
    program: &Bound<'_, PyAny>,
    arguments: &Bound<'_, PyTuple>,
    flush: bool,
    mask: Option<Vec<i32>>,
) {
    // SAFETY: the frames below are of this thread.
    unsafe {
        frames::at_bottom(py, NESTED_CALLS, || {
            if let Some(mask) = mask {
                set_mask(&mask);
            }
            run(py, program, arguments, flush);
        });
    }
}

/// Blocks these signals only. One that has been held back so far comes now.
fn set_mask(signals: &[i32]) {
    // SAFETY: zeros are a value of it, and it lives as long as the call takes.
    unsafe {
        let mut set = std::mem::zeroed();
        libc::sigemptyset(&mut set);
        for &signal in signals {
            libc::sigaddset(&mut set, signal);
        }
        libc::pthread_sigmask(libc::SIG_SETMASK, &set, std::ptr::null_mut());
    }
}

fn run(py: Python<'_>, program: &Bound<'_, PyAny>, arguments: &Bound<'_, PyTuple>, flush: bool) {
    let result = start(py, program, arguments);
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        let interrupted =
            result.is_null() && ffi::PyErr_ExceptionMatches(ffi::PyExc_KeyboardInterrupt) != 0;
        record_end(py);
        // The other threads go on until the interpreter ends.
        gate::before(py, ops::END, 0, 0);
        if flush {
            flush_streams(py);
        }
        let status = i32::from(result.is_null());
        let leaves = result.is_null() && ffi::PyErr_ExceptionMatches(ffi::PyExc_SystemExit) != 0;
        if !leaves && !interrupted {
            STATUS.store(status, Ordering::Relaxed);
        }
        if result.is_null() {
            // Ends the process if it is SystemExit.
            ffi::PyErr_PrintEx(1);
        }
        ffi::Py_XDECREF(result);
        if !libc::getenv(c"PYTHONINSPECT".as_ptr()).is_null() && libc::isatty(0) != 0 {
            return;
        }
        if interrupted {
            ffi::Py_FinalizeEx();
            libc::signal(libc::SIGINT, libc::SIG_DFL);
            libc::kill(libc::getpid(), libc::SIGINT);
            libc::exit(128 + libc::SIGINT);
        }
        ffi::Py_Exit(status);
    }
}

/// The exit status that the process is going to have; negative while that is not known.
static STATUS: AtomicI32 = AtomicI32::new(-1);

/// Ends the process here, if it is known with which status, and spares the interpreter the taking
/// apart of all that there is. To be the last function that `atexit` calls.
#[pyfunction]
fn end_here(py: Python<'_>) {
    let status = STATUS.load(Ordering::Relaxed);
    if status >= 0 {
        flush_streams(py);
        // SAFETY: the interpreter has no more to do, and no thread of it goes on while this one has
        // the GIL.
        unsafe { libc::exit(status) };
    }
}

/// The program's result; null with an exception set.
fn start(py: Python<'_>, program: &Bound<'_, PyAny>, arguments: &Bound<'_, PyTuple>) -> Object {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        if program.is_instance_of::<PyCode>() {
            let main = ffi::PyImport_AddModule(c"__main__".as_ptr());
            if main.is_null() {
                return main;
            }
            let globals = ffi::PyModule_GetDict(main);
            ffi::PyEval_EvalCode(program.as_ptr(), globals, globals)
        } else if ffi::PyExceptionInstance_Check(program.as_ptr()) != 0 {
            ffi::PyErr_SetObject(ffi::Py_TYPE(program.as_ptr()).cast(), program.as_ptr());
            std::ptr::null_mut()
        } else if let Ok((source, filename)) = program.extract::<(Vec<u8>, PathBuf)>() {
            run_file(py, &source, &filename)
        } else {
            ffi::PyObject_CallObject(program.as_ptr(), arguments.as_ptr())
        }
    }
}

/// Runs the source as the interpreter runs a script: what is wrong with it is said in other words than
/// those of `compile`. Null with an exception set.
fn run_file(py: Python<'_>, source: &[u8], filename: &Path) -> Object {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        let main = ffi::PyImport_AddModule(c"__main__".as_ptr());
        // It must be a real file, for the interpreter may read on by its descriptor.
        let made = libc::memfd_create(c"source".as_ptr(), libc::MFD_CLOEXEC);
        if main.is_null() || made < 0 {
            return failed(py);
        }
        let mut file = File::from_raw_fd(made);
        if file.write_all(source).is_err() || file.rewind().is_err() {
            return failed(py);
        }
        let Ok(name) = CString::new(filename.as_os_str().as_bytes()) else {
            return failed(py);
        };
        let stream = libc::fdopen(file.into_raw_fd(), c"rb".as_ptr());
        if stream.is_null() {
            return failed(py);
        }
        let globals = ffi::PyModule_GetDict(main);
        let (start, closes) = (ffi::Py_file_input, 1);
        ffi::PyRun_FileExFlags(
            stream.cast(),
            name.as_ptr(),
            start,
            globals,
            globals,
            closes,
            null_mut(),
        )
    }
}

/// Null with an exception set, if none is: that of the last call of the system.
fn failed(_: Python<'_>) -> Object {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        if ffi::PyErr_Occurred().is_null() {
            ffi::PyErr_SetFromErrno(ffi::PyExc_OSError);
        }
    }
    null_mut()
}

/// The main thread has left the program, with an exception if one is set. What it does later
/// (waiting for the other threads, atexit functions) is still recorded.
fn record_end(py: Python<'_>) {
    let thread = threads::object(py, buffer::thread());
    gate::before(py, ops::END, thread, 0);
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        let error = ffi::PyErr_Occurred();
        if error.is_null() || ffi::PyErr_ExceptionMatches(ffi::PyExc_SystemExit) != 0 {
            record::event(py, ops::END, thread, outcome::OK, values::ABSENT, 0);
        } else {
            let name = CStr::from_ptr((*error.cast::<ffi::PyTypeObject>()).tp_name).to_bytes();
            let name = values::text(py, name.rsplit(|&byte| byte == b'.').next().unwrap_or(name));
            let (mut kind, mut value, mut trace) = (null_mut(), null_mut(), null_mut());
            ffi::PyErr_Fetch(&mut kind, &mut value, &mut trace);
            record::failed(py, thread, name, sites::raised_at(py, trace));
            ffi::PyErr_Restore(kind, value, trace);
        }
    }
}

fn flush_streams(_: Python<'_>) {
    let (mut kind, mut error, mut trace) = (
        std::ptr::null_mut(),
        std::ptr::null_mut(),
        std::ptr::null_mut(),
    );
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        ffi::PyErr_Fetch(&mut kind, &mut error, &mut trace);
        for name in [c"stderr", c"stdout"] {
            let stream = ffi::PySys_GetObject(name.as_ptr());
            if !stream.is_null() {
                let flush = c"flush".as_ptr();
                ffi::Py_XDECREF(ffi::PyObject_CallMethod(stream, flush, std::ptr::null()));
                ffi::PyErr_Clear();
            }
        }
        ffi::PyErr_Restore(kind, error, trace);
    }
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(end_here, m)?)?;
    m.add_function(wrap_pyfunction!(run_to_end, m)?)
}
