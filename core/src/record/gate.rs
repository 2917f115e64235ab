//! The gate: what every operation of a controlled program passes before it happens.

/// The calling thread is about to do `op` to `location` at `site`.
///
/// # Safety
/// The GIL is held.
#[inline]
pub unsafe fn before(_op: u8, _location: u32, _site: u32) {}
