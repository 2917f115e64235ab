//! What the supervisor needs of the kernel and Python does not offer.

use pyo3::prelude::*;

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

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(die_with_parent, m)?)
}
