//! The gate that every operation of the program passes, and where a controller comes in: what has
//! this process under control is told of every operation before it is done, and of every event.

use super::buffer::Made;
use pyo3::Python;
use std::ptr::{from_ref, null_mut};
use std::sync::atomic::{AtomicPtr, Ordering};

/// What the recorder asks and tells a controller.
pub struct Controller {
    /// The calling thread is about to do an operation on an object or location at a site (0: not
    /// known yet): others may go first.
    pub point: fn(Python<'_>, u8, u32, u32),
    /// Whether the calling thread has passed the point of its next event, or has none.
    pub passed: fn(Python<'_>) -> bool,
    /// The calling thread has made an event.
    pub recorded: fn(Python<'_>, &Made),
    /// Whether the calling thread makes events of another one from here on.
    pub acts: fn(Python<'_>, bool),
}

static CONTROLLER: AtomicPtr<Controller> = AtomicPtr::new(null_mut());

/// Has the controller control this process; None: nobody does any more.
pub fn control(controller: Option<&'static Controller>) {
    let controller = controller.map_or(null_mut(), |it| from_ref(it).cast_mut());
    CONTROLLER.store(controller, Ordering::SeqCst);
}

#[inline(always)]
fn controller() -> Option<&'static Controller> {
    // SAFETY: what is stored there lives as long as the process.
    unsafe { CONTROLLER.load(Ordering::Relaxed).as_ref() }
}

/// The calling thread is about to do `op` on an object or location at a site (0: not known yet).
/// Under control other threads may go first; else it is one predicted branch.
///
/// Nothing is borrowed that another thread may want.
#[inline(always)]
pub fn before(py: Python<'_>, op: u8, target: u32, site: u32) {
    if let Some(controller) = controller() {
        (controller.point)(py, op, target, site);
    }
}

/// Whether the calling thread has passed the point of its next event, or needs to pass none.
#[inline(always)]
pub fn passed(py: Python<'_>) -> bool {
    controller().is_none_or(|controller| (controller.passed)(py))
}

/// The calling thread has made an event.
#[inline(always)]
pub fn recorded(py: Python<'_>, made: Made) {
    if let Some(controller) = controller() {
        (controller.recorded)(py, &made);
    }
}

/// The calling thread makes events of another one from here on, or (false) its own again.
pub fn acts(py: Python<'_>, for_another: bool) {
    if let Some(controller) = controller() {
        (controller.acts)(py, for_another);
    }
}
