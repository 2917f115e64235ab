//! What a thread does for another: a thread of a manager's server executes what a thread of some
//! process calls a proxy for.
//!
//! What is recorded meanwhile is the *caller's*, at the caller's site, in the order in which it is
//! executed. It goes into a file of its own, whose name says whose it is, so that nothing is lost
//! when the caller dies, and a wait is known while it lasts.

use super::buffer::{self, Buffer};
use super::{gate, sites, state, threads};
use crate::thread_owned::{Owned, ThreadOwned};
use pyo3::Python;
use std::cell::Cell;
use std::ptr::null_mut;

/// The thread for which something is done, as its own process knows it.
#[derive(Clone, Copy, PartialEq)]
pub struct Caller {
    /// The index of its process in the spool.
    pub process: u32,
    pub thread: u32,
    /// An id of its process.
    pub site: u32,
    /// Of a write.
    pub flags: u8,
}

struct Delegate {
    session: u32,
    process: u32,
    thread: u32,
    buffer: Box<Buffer>,
}

thread_local! {
    static DELEGATES: ThreadOwned<Vec<Delegate>> = const { ThreadOwned::new(Vec::new()) };
    /// For whom this thread acts, with its own buffer.
    static ACTING: Cell<Option<(Caller, *mut Buffer)>> = const { Cell::new(None) };
}

/// Who calls what the running code calls: this thread, at the site and with the flags that are
/// pending or where it is, or whom it acts for.
pub fn caller(py: Python<'_>, pending: (u32, u8)) -> Caller {
    if let Some((caller, _)) = ACTING.get() {
        return caller;
    }
    let (site, flags) = match pending {
        (0, _) => (sites::current_site(py), 0),
        known => known,
    };
    Caller {
        process: state::process(),
        thread: buffer::thread(),
        site,
        flags,
    }
}

/// From here to `end` what the calling thread records is another's. It acts for one at a time.
pub fn begin(py: Python<'_>, caller: Caller) {
    end(py);
    let own = buffer::current();
    if own.is_null() {
        return;
    }
    // SAFETY: the buffer is the calling thread's own, and nobody else has a reference to it.
    unsafe {
        if let Some(acting) = delegate(py, caller.process, caller.thread) {
            (*acting).site = caller.site;
            buffer::set_current(acting);
            ACTING.set(Some((caller, own)));
            gate::acts(py, true);
        }
    }
}

/// The calling thread records for itself again, if it does not do so already.
pub fn end(py: Python<'_>) {
    if let Some((_, own)) = ACTING.take() {
        buffer::set_current(own);
        gate::acts(py, false);
    }
}

/// In a forked child the buffers are the parent's.
pub fn forget_in_child() {
    ACTING.take();
    buffer::set_current(null_mut());
}

fn delegate(py: Python<'_>, process: u32, thread: u32) -> Option<*mut Buffer> {
    let now = state::session();
    let known = DELEGATES.change(|known| {
        let wanted = |d: &&mut Delegate| (d.session, d.process, d.thread) == (now, process, thread);
        known.iter_mut().find(wanted).map(|d| &raw mut *d.buffer)
    });
    if known.is_some() {
        return known;
    }
    let mut buffer = threads::delegate(py, process, thread)?;
    let address = &raw mut *buffer;
    DELEGATES.change(|known| {
        known.push(Delegate {
            session: now,
            process,
            thread,
            buffer,
        });
    });
    Some(address)
}
