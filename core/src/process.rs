//! What the supervisor and the bootstrap need and Python does not offer.

use pyo3::prelude::*;
use pyo3::types::PyModule;

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

/// Whether a file descriptor can be read, or written to, without waiting.
#[pyfunction]
pub fn is_ready(descriptor: i32, write: bool) -> bool {
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
    m.add_function(wrap_pyfunction!(become_subreaper, m)?)
}
