//! The gate that every operation of the program passes, and where a controller comes in: what has
//! this process under control is told of every operation before it is done, and of every event.

use super::buffer::Made;
use std::ptr::{from_ref, null_mut};
use std::sync::atomic::{AtomicPtr, Ordering};

/// What the recorder asks and tells a controller. The GIL is held.
pub struct Controller {
    /// The calling thread is about to do an operation on an object or location at a site (0: not
    /// known yet): others may go first.
    pub point: unsafe fn(u8, u32, u32),
    /// Whether the calling thread has passed the point of its next event, or has none.
    pub passed: fn() -> bool,
    /// The calling thread has made an event.
    pub recorded: unsafe fn(&Made),
    /// Whether the calling thread makes events of another one from here on.
    pub acts: unsafe fn(bool),
}

static CONTROLLER: AtomicPtr<Controller> = AtomicPtr::new(null_mut());

/// Has the controller control this process; None: nobody does any more.
pub fn control(controller: Option<&'static Controller>) {
    let controller = controller.map_or(null_mut(), |it| from_ref(it).cast_mut());
    CONTROLLER.store(controller, Ordering::SeqCst);
}

#[inline(always)]
fn controller() -> Option<&'static Controller> {
    unsafe { CONTROLLER.load(Ordering::Relaxed).as_ref() }
}

/// The calling thread is about to do `op` on an object or location at a site (0: not known yet).
/// Under control other threads may go first; else it is one predicted branch.
///
/// # Safety
/// The GIL is held, and nothing is borrowed that another thread may want.
#[inline(always)]
pub unsafe fn before(op: u8, target: u32, site: u32) {
    if let Some(controller) = controller() {
        (controller.point)(op, target, site);
    }
}

/// Whether the calling thread has passed the point of its next event, or needs to pass none.
#[inline(always)]
pub fn passed() -> bool {
    controller().is_none_or(|controller| (controller.passed)())
}

/// The calling thread has made an event.
///
/// # Safety
/// The GIL is held.
#[inline(always)]
pub unsafe fn recorded(made: Made) {
    if let Some(controller) = controller() {
        (controller.recorded)(&made);
    }
}

/// The calling thread makes events of another one from here on, or (false) its own again.
///
/// # Safety
/// The GIL is held.
pub unsafe fn acts(for_another: bool) {
    if let Some(controller) = controller() {
        (controller.acts)(for_another);
    }
}
