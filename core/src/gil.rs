//! What only the holder of the GIL touches: the ground on which the core's statics stand.
//!
//! This is the seam at which a build without the GIL will differ.

use std::cell::UnsafeCell;

/// A static that only the holder of the GIL touches.
pub struct Gil<T>(UnsafeCell<T>);

// SAFETY: `get` is for the holder of the GIL, so no two threads touch the value at a time.
unsafe impl<T> Sync for Gil<T> {}

impl<T> Gil<T> {
    pub const fn new(value: T) -> Gil<T> {
        Gil(UnsafeCell::new(value))
    }

    /// # Safety
    /// The GIL is held, and no other reference from here is alive. Nothing that is done with the
    /// reference may run Python code.
    #[allow(clippy::mut_from_ref)]
    pub unsafe fn get(&self) -> &mut T {
        &mut *self.0.get()
    }
}
