//! What the supervisor and the bootstrap need and Python does not offer.

use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyDict, PyModule, PyTuple};

/// Kills this process when its parent ends, also if it has ended already.
#[pyfunction]
fn die_with_parent(parent: i32) {
    unsafe {
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
        if libc::getppid() != parent {
            libc::raise(libc::SIGKILL);
        }
    }
}

/// Makes this process the parent of those below it whose parents end.
#[pyfunction]
fn become_subreaper() {
    unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1) };
}

/// A `sys.excepthook` for once: gives the exception this traceback and calls `hook`, which it puts
/// back. Native, so that it is in no traceback itself.
#[pyfunction]
fn excepthook_showing<'py>(
    py: Python<'py>,
    traceback: Py<PyAny>,
    hook: Py<PyAny>,
) -> PyResult<Bound<'py, PyCFunction>> {
    let call = move |args: &Bound<'_, PyTuple>, _: Option<&Bound<'_, PyDict>>| {
        let py = args.py();
        let sys = PyModule::import(py, "sys")?;
        sys.setattr("excepthook", &hook)?;
        sys.setattr("last_traceback", &traceback)?;
        let error = args.get_item(1)?;
        error.setattr("__traceback__", &traceback)?;
        hook.call1(py, (args.get_item(0)?, error, &traceback))
    };
    PyCFunction::new_closure(py, Some(c"excepthook"), None, call)
}

/// Whether a file descriptor can be read, or written to, without waiting.
#[pyfunction]
fn is_ready(descriptor: i32, write: bool) -> bool {
    let mut asked = libc::pollfd {
        fd: descriptor,
        events: if write { libc::POLLOUT } else { libc::POLLIN },
        revents: 0,
    };
    unsafe { libc::poll(&mut asked, 1, 0) > 0 }
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(die_with_parent, m)?)?;
    m.add_function(wrap_pyfunction!(is_ready, m)?)?;
    m.add_function(wrap_pyfunction!(become_subreaper, m)?)?;
    m.add_function(wrap_pyfunction!(excepthook_showing, m)?)
}
