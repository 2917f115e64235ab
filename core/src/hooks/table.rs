//! What the hooks know of each site: its names, its operator, and where its last access went.

use super::sites;
use crate::record::identity;
use crate::record::session::Gil;
use pyo3::ffi;
use std::ptr::null_mut;

pub type Binary =
    unsafe extern "C" fn(*mut ffi::PyObject, *mut ffi::PyObject) -> *mut ffi::PyObject;

/// One site. `id` is that in the present recording. `name` (of the global, cell or attribute) and `module` are strong references that
/// live as long as the process; the rest is a cache of one entry.
pub struct Hooked {
    pub id: u32,
    pub name: *mut ffi::PyObject,
    pub module: *mut ffi::PyObject,
    pub operator: Binary,
    /// Whether it is the write of an augmented assignment.
    pub augments: bool,
    /// The site of the write that belongs to this read; null if there is none.
    pub partner: *mut Hooked,
    pub dunder: bool,
    /// The global's location, in the recording with the number `epoch`.
    pub global: u32,
    pub epoch: u32,
    /// What an attribute of this name is in the type with this version (see `attributes`).
    pub version: u32,
    pub verdict: u8,
    /// The object of the last access, while no numbered object has died since.
    pub object: *mut ffi::PyObject,
    pub generation: u64,
    /// Its number, or the location of its attribute.
    pub found: u32,
}

static TABLE: Gil<Vec<*mut Hooked>> = Gil::new(Vec::new());
static EPOCH: Gil<u32> = Gil::new(1);

/// A new recording: all ids and locations are others.
///
/// # Safety
/// The GIL is held.
pub unsafe fn reset() {
    *EPOCH.get() += 1;
    for (number, &site) in TABLE.get().iter().enumerate() {
        if !site.is_null() {
            (*site).id = sites::id(number as u32);
        }
    }
}

/// In a forked child: the sites stay, all locations are others.
///
/// # Safety
/// The GIL is held.
pub unsafe fn after_fork() {
    *EPOCH.get() += 1;
}

/// Makes a site known. Takes over the references to `name` (may be null) and `module`.
///
/// # Safety
/// The GIL is held.
pub unsafe fn add(
    number: u32,
    name: *mut ffi::PyObject,
    module: *mut ffi::PyObject,
    operator: Option<Binary>,
    partner: u32,
    dunder: bool,
) {
    let table = TABLE.get();
    let index = number as usize;
    if table.len() <= index {
        table.resize(index + 1, null_mut());
    }
    table[index] = Box::into_raw(Box::new(Hooked {
        id: sites::id(number),
        name,
        module,
        operator: operator.unwrap_or(super::no_operator),
        augments: operator.is_some(),
        partner: if partner == 0 {
            null_mut()
        } else {
            TABLE.get()[partner as usize]
        },
        dunder,
        global: 0,
        epoch: 0,
        version: 0,
        verdict: 0,
        object: null_mut(),
        generation: 0,
        found: 0,
    }));
}

/// The site with this number; only rewritten code, which has it as a constant, asks.
///
/// # Safety
/// `number` is an int that `add` knows.
#[inline(always)]
pub unsafe fn get(number: *mut ffi::PyObject) -> *mut Hooked {
    TABLE.get()[ffi::PyLong_AsLong(number) as usize]
}

impl Hooked {
    /// The location of the global that this site is about.
    #[inline(always)]
    pub unsafe fn global(&mut self) -> u32 {
        if self.epoch != *EPOCH.get() {
            self.global = identity::global(self.module, self.name);
            self.epoch = *EPOCH.get();
        }
        self.global
    }

    /// What was last found for this object: a number or a location, see the caller.
    #[inline(always)]
    pub unsafe fn cached(&self, object: *mut ffi::PyObject) -> Option<u32> {
        let same = self.object == object && self.generation == identity::generation();
        same.then_some(self.found)
    }

    #[inline]
    pub unsafe fn cache(&mut self, object: *mut ffi::PyObject, found: u32) -> u32 {
        self.object = object;
        self.generation = identity::generation();
        self.found = found;
        found
    }

    /// The number of a container that this site works on.
    #[inline]
    pub unsafe fn number(&mut self, object: *mut ffi::PyObject) -> u32 {
        match self.cached(object) {
            Some(number) => number,
            None => self.cache(object, identity::object_id(object)),
        }
    }
}
