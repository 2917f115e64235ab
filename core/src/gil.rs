//! What only the holder of the GIL touches: the ground on which the core's statics stand.
//!
//! `Python<'_>` says that the calling thread holds it. It takes no room: what asks for one costs nothing.
//! This is the seam at which a build without the GIL will differ.

use pyo3::Python;
#[cfg(debug_assertions)]
use std::cell::Cell;
use std::cell::UnsafeCell;
use std::ops::{Deref, DerefMut};

/// A static that only the holder of the GIL touches.
pub struct Gil<T> {
    value: UnsafeCell<T>,
    #[cfg(debug_assertions)]
    taken: Cell<bool>,
}

// SAFETY: every access asks for a `Python<'_>`, so no two threads touch the value at a time.
unsafe impl<T> Sync for Gil<T> {}

/// The value of a `Gil`, until this is dropped. Nothing that is done meanwhile may run Python code or ask
/// for the value again. A build with debug assertions panics if it is asked for; others trust what the
/// tests of that one have shown, and pay nothing.
pub struct GilMut<'a, T> {
    value: &'a mut T,
    _taken: Taken<'a>,
}

#[cfg(debug_assertions)]
struct Taken<'a>(&'a Cell<bool>);

#[cfg(debug_assertions)]
impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

#[cfg(not(debug_assertions))]
struct Taken<'a>(std::marker::PhantomData<&'a ()>);

impl<T> Gil<T> {
    pub const fn new(value: T) -> Gil<T> {
        Gil {
            value: UnsafeCell::new(value),
            #[cfg(debug_assertions)]
            taken: Cell::new(false),
        }
    }

    /// The value, to be looked at and changed.
    #[inline(always)]
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn get<'a>(&'a self, _: Python<'a>) -> GilMut<'a, T> {
        #[cfg(debug_assertions)]
        assert!(!self.taken.replace(true), "asked for while it is in use");
        GilMut {
            // SAFETY: this thread holds the GIL, and lets go of the value before it is asked for again.
            value: unsafe { &mut *self.value.get() },
            #[cfg(debug_assertions)]
            _taken: Taken(&self.taken),
            #[cfg(not(debug_assertions))]
            _taken: Taken(std::marker::PhantomData),
        }
    }

    /// A part of the value, if it is there.
    #[inline(always)]
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn find<'a, U>(
        &'a self,
        py: Python<'a>,
        find: impl FnOnce(&'a mut T) -> Option<&'a mut U>,
    ) -> Option<GilMut<'a, U>> {
        let GilMut { value, _taken } = self.get(py);
        let value = find(value)?;
        Some(GilMut { value, _taken })
    }

    /// Puts a value in. The one before is dropped after that.
    #[inline(always)]
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn set(&self, py: Python<'_>, value: T) {
        drop(self.replace(py, value));
    }

    /// Puts a value in, and gives the one before.
    #[inline(always)]
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn replace(&self, py: Python<'_>, value: T) -> T {
        std::mem::replace(&mut *self.get(py), value)
    }
}

impl<T: Copy> Gil<T> {
    #[inline(always)]
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn copied(&self, py: Python<'_>) -> T {
        *self.get(py)
    }
}

impl<T: Copy, const N: usize> Gil<[T; N]> {
    #[inline(always)]
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn at(&self, py: Python<'_>, index: usize) -> T {
        self.get(py)[index]
    }

    #[inline(always)]
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn set_at(&self, py: Python<'_>, index: usize, value: T) {
        self.get(py)[index] = value;
    }
}

impl<T> Gil<Option<T>> {
    /// The value, made first if there is none.
    #[inline(always)]
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn get_or_insert_with<'a>(
        &'a self,
        py: Python<'a>,
        make: impl FnOnce() -> T,
    ) -> GilMut<'a, T> {
        let GilMut { value, _taken } = self.get(py);
        let value = value.get_or_insert_with(make);
        GilMut { value, _taken }
    }

    /// The value, if there is one.
    #[inline(always)]
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn get_some<'a>(&'a self, py: Python<'a>) -> Option<GilMut<'a, T>> {
        let GilMut { value, _taken } = self.get(py);
        let value = value.as_mut()?;
        Some(GilMut { value, _taken })
    }

    /// Takes the value out.
    #[inline(always)]
    #[cfg_attr(debug_assertions, track_caller)]
    pub fn take(&self, py: Python<'_>) -> Option<T> {
        self.replace(py, None)
    }
}

impl<T> Deref for GilMut<'_, T> {
    type Target = T;

    #[inline(always)]
    fn deref(&self) -> &T {
        self.value
    }
}

impl<T> DerefMut for GilMut<'_, T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        self.value
    }
}

/// A static of a controlled run that only who has the baton touches, in whatever thread.
pub struct Baton<T>(UnsafeCell<T>);

// SAFETY: `get` is for who has the baton, and only one thread of all has it.
unsafe impl<T> Sync for Baton<T> {}

impl<T> Baton<T> {
    pub const fn new(value: T) -> Baton<T> {
        Baton(UnsafeCell::new(value))
    }

    /// # Safety
    /// The calling thread has the baton, or the GIL while nobody else can get the baton. No other
    /// reference from here is in use.
    #[allow(clippy::mut_from_ref)]
    pub unsafe fn get(&self) -> &mut T {
        &mut *self.0.get()
    }
}
