//! That all that is in a container is gone through.

use super::hook::{Hook, Object};
use super::kinds::{self, family, native, Slot, Wrapper};
use super::steps;
use super::wrapped::{inside, maps};
use crate::ops::{ITERATE, READ};
use crate::record::{access, identity, locations};
use pyo3::ffi;
use std::ptr::null_mut;

/// Records that a whole container is gone through.
#[inline]
pub unsafe fn iterated(site: &mut Hook, object: *mut ffi::PyObject) {
    if native(object, Slot::Iterate).is_some() {
        let location = locations::contents(identity::object_id(object));
        access(ITERATE, location, site.id, null_mut(), 0);
    } else if family(object).is_none() {
        wrapper_iterated(site, object);
    }
}

/// Records that the function, which is about to be called with the container (and `only` that),
/// goes through it.
#[inline]
pub unsafe fn passed(site: &mut Hook, function: Object, object: Object, only: bool) {
    if native(object, Slot::Iterate).is_some() {
        let location = locations::contents(identity::object_id(object));
        let op = match steps::in_one(function, object, only) {
            true => READ,
            false => ITERATE,
        };
        access(op, location, site.id, null_mut(), 0);
    } else if family(object).is_none() {
        wrapper_iterated(site, object);
    }
}

/// Records that all that is in a wrapper is gone through.
#[cold]
unsafe fn wrapper_iterated(hook: &mut Hook, object: Object) {
    match kinds::wrapper(object, Some(Slot::Iterate)) {
        None => {}
        Some(Wrapper::Chain) => {
            for map in maps(object) {
                iterated(hook, map.0);
            }
        }
        Some(wrapper) => {
            if let Some(held) = inside(object, wrapper) {
                let contents = locations::contents(hook.number(held.0));
                let op = match wrapper {
                    Wrapper::Environment => READ, // it goes through a list of the names
                    _ => ITERATE,
                };
                access(op, contents, hook.id, null_mut(), 0);
            }
        }
    }
}
