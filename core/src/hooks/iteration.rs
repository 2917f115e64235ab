//! That all that is in a container is gone through.

use super::hook::{Hook, Object};
use super::kinds::{self, family, native, Slot, Wrapper};
use super::steps;
use super::wrapped::{inside, maps};
use crate::ops::{ITERATE, READ};
use crate::record::{access, identity, locations};
use pyo3::ffi;
use pyo3::Python;
use std::ptr::null_mut;

/// Records that a whole container is gone through.
#[inline]
pub unsafe fn iterated(py: Python<'_>, site: &mut Hook, object: *mut ffi::PyObject) {
    if native(py, object, Slot::Iterate).is_some() {
        let location = locations::contents(py, identity::object_id(py, object));
        access(py, ITERATE, location, site.id, null_mut(), 0);
    } else if family(py, object).is_none() {
        wrapper_iterated(py, site, object);
    }
}

/// Records that the function, which is about to be called with the container (and `only` that),
/// goes through it.
#[inline]
pub unsafe fn passed(
    py: Python<'_>,
    site: &mut Hook,
    function: Object,
    object: Object,
    only: bool,
) {
    if native(py, object, Slot::Iterate).is_some() {
        let location = locations::contents(py, identity::object_id(py, object));
        let op = match steps::in_one(py, function, object, only) {
            true => READ,
            false => ITERATE,
        };
        access(py, op, location, site.id, null_mut(), 0);
    } else if family(py, object).is_none() {
        wrapper_iterated(py, site, object);
    }
}

/// Records that all that is in a wrapper is gone through.
#[cold]
unsafe fn wrapper_iterated(py: Python<'_>, hook: &mut Hook, object: Object) {
    match kinds::wrapper(py, object, Some(Slot::Iterate)) {
        None => {}
        Some(Wrapper::Chain) => {
            for map in maps(py, object) {
                iterated(py, hook, map.0);
            }
        }
        Some(wrapper) => {
            if let Some(held) = inside(py, object, wrapper) {
                let contents = locations::contents(py, hook.number(py, held.0));
                let op = match wrapper {
                    Wrapper::Environment => READ, // it goes through a list of the names
                    _ => ITERATE,
                };
                access(py, op, contents, hook.id, null_mut(), 0);
            }
        }
    }
}
