//! Interned strings of this process.

use super::defs::Entry;
use super::paged::Paged;
use super::passing::Passing;
use crate::gil::Gil;
use crate::reserve::Table;
use crate::spool::format::{Definition, REMEMBERED};
use crate::text::utf8;
use pyo3::ffi;
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

unsafe fn strings() -> &'static mut Strings {
    STRINGS.get().get_or_insert_with(Strings::default)
}

pub fn reset() {
    unsafe { *STRINGS.get() = None };
}

/// How many strings there were; their ids go up to this.
pub fn count() -> u32 {
    unsafe { strings() }.by_id.count()
}

/// The bytes of an interned string; those of one that was interned in passing are to be used before
/// another one is, and are empty if it was forgotten.
pub fn get(id: u32) -> Bytes {
    let strings = unsafe { strings() };
    strings.by_id.get(id).copied().unwrap_or_default()
}

/// The id of a string; 0 for the empty one.
pub fn intern(bytes: &[u8]) -> u32 {
    let strings = unsafe { strings() };
    if bytes.is_empty() {
        return 0;
    }
    if let Some(&id) = strings.kept.get(bytes) {
        return id;
    }
    strings.kept.spare();
    let (bytes, id) = match strings.passing.remove(&unsafe { lasting(bytes) }) {
        Some(known) => known,
        None => strings.define(bytes),
    };
    strings.kept.insert(bytes, id);
    id
}

/// The id of a string that may be forgotten: met again after very many others, it has another one.
pub fn intern_passing(bytes: &[u8]) -> u32 {
    let strings = unsafe { strings() };
    if bytes.is_empty() {
        return 0;
    }
    if let Some(&id) = strings.kept.get(bytes) {
        return id;
    }
    let by_id = &mut strings.by_id;
    let known = strings
        .passing
        .get(&unsafe { lasting(bytes) }, |bytes, id| {
            forget(by_id, bytes, id)
        });
    if let Some(id) = known {
        return id;
    }
    let (bytes, id) = strings.define(bytes);
    let by_id = &mut strings.by_id;
    strings
        .passing
        .insert(bytes, id, |bytes, id| forget(by_id, bytes, id));
    id
}

fn forget(by_id: &mut Paged<Bytes>, bytes: Bytes, id: u32) {
    by_id.remove(id);
    // It was leaked by `define`, and nobody else has it.
    drop(unsafe { Box::from_raw(std::ptr::from_ref(bytes).cast_mut()) });
}

/// The bytes as a key to look up, which is not kept.
unsafe fn lasting(bytes: &[u8]) -> Bytes {
    std::mem::transmute(bytes)
}

impl Strings {
    fn define(&mut self, bytes: &[u8]) -> (Bytes, u32) {
        let bytes: Bytes = Box::leak(bytes.into());
        let id = self.by_id.push(bytes);
        let entry = Entry::new(Definition::String, 2).uint(u64::from(id));
        match std::str::from_utf8(bytes) {
            Ok(text) => entry.str(text),
            Err(_) => entry.bin(bytes),
        }
        .write();
        (bytes, id)
    }
}

/// The id of a name. A program that makes up names makes them for ever.
///
/// # Safety
/// As `utf8`.
pub unsafe fn intern_object(object: *mut ffi::PyObject) -> u32 {
    let intern = match strings().kept.len() < REMEMBERED {
        true => intern,
        false => intern_passing,
    };
    utf8(object).map_or(0, intern)
}

/// The unqualified name of an object's type, as a string id.
///
/// # Safety
/// The GIL is held and `object` is live.
pub unsafe fn type_name(object: *mut ffi::PyObject) -> u32 {
    let name = CStr::from_ptr((*ffi::Py_TYPE(object)).tp_name).to_bytes();
    let start = name
        .iter()
        .rposition(|&c| c == b'.')
        .map_or(0, |dot| dot + 1);
    intern(&name[start..])
}
