//! Interned strings of this process.

use super::defs::Entry;
use super::paged::Paged;
use super::passing::Passing;
use crate::gil::{Gil, GilMut};
use crate::reserve::Table;
use crate::spool::format::{Definition, REMEMBERED};
use crate::text::utf8;
use pyo3::ffi;
use pyo3::Python;
use rustc_hash::FxHashMap;
use std::ffi::CStr;

type Bytes = &'static [u8];

#[derive(Default)]
struct Strings {
    /// What the recorder refers to as long as it runs: names, kinds, sites.
    kept: FxHashMap<Bytes, u32>,
    /// Values and keys.
    passing: Passing<Bytes, u32>,
    by_id: Paged<Bytes>,
}

static STRINGS: Gil<Option<Strings>> = Gil::new(None);

fn strings(py: Python<'_>) -> GilMut<'_, Strings> {
    STRINGS.get_or_insert_with(py, Strings::default)
}

pub fn reset(py: Python<'_>) {
    STRINGS.set(py, None);
}

/// How many strings there were; their ids go up to this.
pub fn count(py: Python<'_>) -> u32 {
    strings(py).by_id.count()
}

/// The bytes of an interned string; those of one that was interned in passing are to be used before
/// another one is, and are empty if it was forgotten.
pub fn get(py: Python<'_>, id: u32) -> Bytes {
    let strings = strings(py);
    strings.by_id.get(id).copied().unwrap_or_default()
}

/// The id of a string; 0 for the empty one.
pub fn intern(py: Python<'_>, bytes: &[u8]) -> u32 {
    let strings = &mut *strings(py);
    if bytes.is_empty() {
        return 0;
    }
    if let Some(&id) = strings.kept.get(bytes) {
        return id;
    }
    strings.kept.spare();
    // SAFETY: it is used for the call alone.
    let (bytes, id) = match strings.passing.remove(&unsafe { lasting(bytes) }) {
        Some(known) => known,
        None => strings.define(py, bytes),
    };
    strings.kept.insert(bytes, id);
    id
}

/// The id of a string that may be forgotten: met again after very many others, it has another one.
pub fn intern_passing(py: Python<'_>, bytes: &[u8]) -> u32 {
    let strings = &mut *strings(py);
    if bytes.is_empty() {
        return 0;
    }
    if let Some(&id) = strings.kept.get(bytes) {
        return id;
    }
    let by_id = &mut strings.by_id;
    let known = strings
        .passing
        // SAFETY: it is used for the call alone.
        .get(&unsafe { lasting(bytes) }, |bytes, id| {
            forget(by_id, bytes, id)
        });
    if let Some(id) = known {
        return id;
    }
    let (bytes, id) = strings.define(py, bytes);
    let by_id = &mut strings.by_id;
    strings
        .passing
        .insert(bytes, id, |bytes, id| forget(by_id, bytes, id));
    id
}

fn forget(by_id: &mut Paged<Bytes>, bytes: Bytes, id: u32) {
    by_id.remove(id);
    // It was leaked by `define`, and nobody else has it.
    // SAFETY: it was leaked by `define`, and nobody else has it.
    drop(unsafe { Box::from_raw(std::ptr::from_ref(bytes).cast_mut()) });
}

/// The bytes as a key to look up, which is not kept.
unsafe fn lasting(bytes: &[u8]) -> Bytes {
    std::mem::transmute(bytes)
}

impl Strings {
    fn define(&mut self, py: Python<'_>, bytes: &[u8]) -> (Bytes, u32) {
        let bytes: Bytes = Box::leak(bytes.into());
        let id = self.by_id.push(bytes);
        let entry = Entry::new(Definition::String, 2).uint(u64::from(id));
        match std::str::from_utf8(bytes) {
            Ok(text) => entry.str(text),
            Err(_) => entry.bin(bytes),
        }
        .write(py);
        (bytes, id)
    }
}

/// The id of a name. A program that makes up names makes them for ever.
///
/// # Safety
/// As `utf8`.
pub unsafe fn intern_object(py: Python<'_>, object: *mut ffi::PyObject) -> u32 {
    let keeps = strings(py).kept.len() < REMEMBERED;
    utf8(object).map_or(0, |text| match keeps {
        true => intern(py, text),
        false => intern_passing(py, text),
    })
}

/// The unqualified name of an object's type, as a string id.
///
/// # Safety
/// `object` is live.
pub unsafe fn type_name(py: Python<'_>, object: *mut ffi::PyObject) -> u32 {
    let name = CStr::from_ptr((*ffi::Py_TYPE(object)).tp_name).to_bytes();
    let start = name
        .iter()
        .rposition(|&c| c == b'.')
        .map_or(0, |dot| dot + 1);
    intern(py, &name[start..])
}
