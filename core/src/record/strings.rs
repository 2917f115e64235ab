//! Interned strings of this process.

use super::defs::{self, Entry};
use crate::gil::Gil;
use crate::reserve::Table;
use crate::text::utf8;
use pyo3::ffi;
use rustc_hash::FxHashMap;

static STRINGS: Gil<Option<FxHashMap<&'static [u8], u32>>> = Gil::new(None);
static BY_ID: Gil<Vec<&'static [u8]>> = Gil::new(Vec::new());

pub fn reset() {
    unsafe {
        *STRINGS.get() = None;
        BY_ID.get().clear();
    }
}

/// How many strings there are; their ids go up to this.
pub fn count() -> u32 {
    unsafe { BY_ID.get() }.len() as u32
}

/// The bytes of an interned string.
pub fn get(id: u32) -> &'static [u8] {
    let strings = unsafe { BY_ID.get() };
    strings
        .get((id as usize).wrapping_sub(1))
        .copied()
        .unwrap_or_default()
}

/// The id of a string; 0 for the empty one.
pub fn intern(bytes: &[u8]) -> u32 {
    if bytes.is_empty() {
        return 0;
    }
    let map = unsafe { STRINGS.get() }.get_or_insert_with(FxHashMap::default);
    if let Some(&id) = map.get(bytes) {
        return id;
    }
    let id = map.len() as u32 + 1;
    // Never freed: a string is defined once and may be asked for until the process ends.
    let bytes: &'static [u8] = Box::leak(bytes.into());
    map.spare();
    unsafe { BY_ID.get() }.spare();
    map.insert(bytes, id);
    unsafe { BY_ID.get() }.push(bytes);
    let entry = Entry::new(defs::STRING, 2).uint(u64::from(id));
    match std::str::from_utf8(bytes) {
        Ok(text) => entry.str(text),
        Err(_) => entry.bin(bytes),
    }
    .write();
    id
}

/// The id of a Python string.
///
/// # Safety
/// As `utf8`.
pub unsafe fn intern_object(object: *mut ffi::PyObject) -> u32 {
    utf8(object).map_or(0, intern)
}
