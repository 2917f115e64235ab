//! What a look under a key of a wrapper came to.

use super::hook::{Hook, Object};
use super::kinds::Slot;
use super::objects::truth_value;
use crate::ops::READ;
use crate::record::{access, alone};
use pyo3::Python;

pub enum Look {
    /// A new reference.
    Value(Object),
    Nothing,
    /// The wrapper has to do it by itself.
    Unknown,
}

/// Records what a look came to, a new reference or null.
pub unsafe fn looked(
    py: Python<'_>,
    hook: *mut Hook,
    location: u32,
    value: Object,
    slot: Slot,
) -> Look {
    let shown = match slot {
        Slot::Contains => truth_value(py, !value.is_null()),
        _ => value,
    };
    if alone::reads() {
        access(py, READ, location, (*hook).id, shown, 0);
    }
    match value.is_null() {
        true => Look::Nothing,
        false => Look::Value(value),
    }
}
