//! What is asked of the system, and Python does not offer.

pub mod futex;

use pyo3::prelude::*;
use pyo3::types::PyModule;
use std::ffi::CString;

/// Kills this process when its parent ends, also if it has ended already.
#[pyfunction]
fn die_with_parent(parent: i32) {
    // SAFETY: the calls get numbers alone.
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
    // SAFETY: the call gets numbers alone.
    unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1) };
}

/// Has this process shown, where processes are looked for, with the command line of another one and
/// under its name. The environment of this process is lost; of a command line that is too long, the
/// end is kept.
#[pyfunction]
fn look_like(command: &[u8], name: &[u8]) {
    if let Ok(name) = CString::new(name) {
        // SAFETY: the name ends in a zero, and is copied.
        unsafe { libc::prctl(libc::PR_SET_NAME, name.as_ptr()) };
    }
    let Some((start, room)) = shown() else { return };
    let text = &command[command.len().saturating_sub(room - 1)..];
    // SAFETY: the kernel says that the process has so many bytes there.
    unsafe {
        start.write_bytes(0, room);
        start.copy_from_nonoverlapping(text.as_ptr(), text.len());
    }
}

/// Where this process has its arguments and, behind them, its environment, and how many bytes there
/// are: what the kernel shows as the command line.
fn shown() -> Option<(*mut u8, usize)> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name is in brackets, and may have any characters; arg_start is the 48th field.
    let fields = stat.rsplit(')').next()?.split_ascii_whitespace().skip(45);
    let ends: Vec<usize> = fields.filter_map(|field| field.parse().ok()).collect();
    match ends[..] {
        [start, end, next, last, ..] if 0 < start && start < end => {
            let end = if next == end { last } else { end };
            Some((start as *mut u8, end - start))
        }
        _ => None,
    }
}

/// Whether a file descriptor can be read, or written to, without waiting.
#[pyfunction]
pub fn is_ready(descriptor: i32, write: bool) -> bool {
    let mut asked = libc::pollfd {
        fd: descriptor,
        events: if write { libc::POLLOUT } else { libc::POLLIN },
        revents: 0,
    };
    // SAFETY: what is asked lives as long as the call.
    unsafe { libc::poll(&mut asked, 1, 0) > 0 }
}

pub fn errno() -> i32 {
    std::io::Error::last_os_error()
        .raw_os_error()
        .unwrap_or(libc::EIO)
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(die_with_parent, m)?)?;
    m.add_function(wrap_pyfunction!(look_like, m)?)?;
    m.add_function(wrap_pyfunction!(is_ready, m)?)?;
    m.add_function(wrap_pyfunction!(become_subreaper, m)?)
}
