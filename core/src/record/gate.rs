//! The gate that every operation of the program passes: before it, a scheduling point.

use crate::schedule;

/// The calling thread is about to do `op` on an object or location at a site (0: not known yet).
/// Under
/// control other threads may go first; else it is one predicted branch.
///
/// # Safety
/// The GIL is held, and nothing is borrowed that another thread may want.
#[inline(always)]
pub unsafe fn before(op: u8, target: u32, site: u32) {
    if schedule::controlled() {
        schedule::point(op, target, site);
    }
}
