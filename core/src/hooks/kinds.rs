//! Which types are containers, and what instances of them do natively. Asked once for each type.

use super::attributes::_PyType_Lookup;
use crate::record::dealloc;
use crate::record::session::Gil;
use pyo3::ffi;
use std::ffi::CStr;

type Kind = *mut ffi::PyTypeObject;

#[derive(Clone, Copy, PartialEq)]
pub enum Family {
    List,
    Dict,
    Set,
    Deque,
    Bytearray,
    Array,
    /// Plain memory, see `memory`.
    Memory,
}

impl Family {
    /// Whether what an index means depends on the order of the items.
    pub fn is_sequence(self) -> bool {
        !matches!(self, Family::Dict | Family::Set | Family::Memory)
    }
}

/// An operation that a type may do in a way of its own.
#[derive(Clone, Copy, PartialEq)]
pub enum Slot {
    GetItem,
    SetItem,
    DeleteItem,
    Contains,
    Iterate,
    Length,
    /// `+=` of a sequence, `|=` of a dict or set, and their like.
    InPlace,
}

const METHODS: &[(Slot, &CStr)] = &[
    (Slot::GetItem, c"__getitem__"),
    (Slot::SetItem, c"__setitem__"),
    (Slot::DeleteItem, c"__delitem__"),
    (Slot::Contains, c"__contains__"),
    (Slot::Iterate, c"__iter__"),
    (Slot::Length, c"__len__"),
];

/// What is known of a type; `version` is that of the type, which changes with it.
#[derive(Clone, Copy)]
struct Info {
    version: u32,
    family: Option<Family>,
    native: u8,
    /// Whether a method of the program's makes up what a dict has not.
    makes_up: bool,
}

const UNKNOWN: Info = Info {
    version: 0,
    family: None,
    native: 0,
    makes_up: false,
};
const CACHED: usize = 256;
static CACHE: Gil<[Info; CACHED]> = Gil::new([UNKNOWN; CACHED]);

struct Base {
    kind: Kind,
    family: Family,
}

/// The native types, the ones that derive from others after those.
static BASES: Gil<Vec<Base>> = Gil::new(Vec::new());

/// Native types that the program may import later, or never.
const LATE: &[(&CStr, &CStr, Family)] = &[
    (c"array", c"array", Family::Array),
    (c"mmap", c"mmap", Family::Memory),
    (c"_ctypes", c"Array", Family::Memory),
];

/// Finds the native types. False with an exception set on failure.
///
/// # Safety
/// The GIL is held.
pub unsafe fn init() -> bool {
    let collections = ffi::PyImport_ImportModule(c"collections".as_ptr());
    if collections.is_null() {
        return false;
    }
    let own = |name: &CStr| ffi::PyObject_GetAttrString(collections, name.as_ptr()).cast();
    let (deque, ordered, default) = (own(c"deque"), own(c"OrderedDict"), own(c"defaultdict"));
    // Its few methods in Python do what a dict's do.
    let counter = own(c"Counter");
    ffi::Py_DECREF(collections);
    for (kind, family) in [
        (&raw mut ffi::PyList_Type, Family::List),
        (&raw mut ffi::PyDict_Type, Family::Dict),
        (&raw mut ffi::PySet_Type, Family::Set),
        (&raw mut ffi::PyByteArray_Type, Family::Bytearray),
        (&raw mut ffi::PyMemoryView_Type, Family::Memory),
        (deque, Family::Deque),
        (ordered, Family::Dict),
        (default, Family::Dict),
        (counter, Family::Dict),
    ] {
        if kind.is_null() {
            return false;
        }
        BASES.get().push(Base { kind, family });
    }
    true
}

/// The native types that are known by now.
pub unsafe fn bases() -> impl Iterator<Item = (Kind, Family)> {
    BASES.get().iter().map(|base| (base.kind, base.family))
}

#[cold]
unsafe fn look_for_late_types() {
    dealloc::watch_late();
    for &(module, name, family) in LATE {
        let kind = dealloc::imported(module, name);
        if !kind.is_null() && bases().all(|(known, _)| known != kind) {
            BASES.get().push(Base { kind, family });
            super::containers::add_methods(kind, family);
        }
    }
}

unsafe fn lookup(kind: Kind, name: &CStr) -> *mut ffi::PyObject {
    let interned = ffi::PyUnicode_InternFromString(name.as_ptr());
    let found = _PyType_Lookup(kind, interned);
    ffi::Py_DECREF(interned);
    found
}

#[cold]
unsafe fn learn(kind: Kind) -> Info {
    look_for_late_types();
    let over = || bases().filter(|&(base, _)| ffi::PyType_IsSubtype(kind, base) != 0);
    let family = over().next().map(|(_, family)| family);
    let mut native = 0;
    lookup(kind, c"__len__"); // it gives the type a version if it has none
    if family.is_some() {
        for &(slot, name) in METHODS {
            let own = lookup(kind, name);
            if !own.is_null() && over().any(|(base, _)| lookup(base, name) == own) {
                native |= 1 << slot as u8;
            }
        }
        if !lookup(kind, c"__bool__").is_null() {
            native &= !(1 << Slot::Length as u8);
        }
        if over().any(|(base, _)| in_place(base) == in_place(kind)) {
            native |= 1 << Slot::InPlace as u8;
        }
    }
    Info {
        version: (*kind).tp_version_tag,
        family,
        native,
        makes_up: family == Some(Family::Dict) && makes_up(kind),
    }
}

unsafe fn makes_up(kind: Kind) -> bool {
    let own = lookup(kind, c"__missing__");
    !own.is_null() && bases().all(|(base, _)| lookup(base, c"__missing__") != own)
}

unsafe fn in_place(kind: Kind) -> usize {
    let sequence = (*kind).tp_as_sequence.as_ref();
    let number = (*kind).tp_as_number.as_ref();
    match sequence.and_then(|s| s.sq_inplace_concat) {
        Some(function) => function as usize,
        None => number
            .and_then(|n| n.nb_inplace_or)
            .map_or(0, |f| f as usize),
    }
}

#[inline]
unsafe fn info(kind: Kind) -> Info {
    let version = (*kind).tp_version_tag;
    let cached = &mut CACHE.get()[version as usize % CACHED];
    if version == 0 || cached.version != version {
        let info = learn(kind);
        CACHE.get()[info.version as usize % CACHED] = info;
        return info;
    }
    *cached
}

/// Types that are met often and are no containers.
#[inline]
unsafe fn is_plain(kind: Kind) -> bool {
    kind == &raw mut ffi::PyLong_Type
        || kind == &raw mut ffi::PyUnicode_Type
        || kind == &raw mut ffi::PyBool_Type
        || kind == &raw mut ffi::PyTuple_Type
        || kind == &raw mut ffi::PyFloat_Type
        || kind == &raw mut ffi::PyRange_Type
}

/// The family of a container; None for anything else.
#[inline]
pub unsafe fn family(object: *mut ffi::PyObject) -> Option<Family> {
    let kind = ffi::Py_TYPE(object);
    if kind == &raw mut ffi::PyList_Type {
        Some(Family::List)
    } else if kind == &raw mut ffi::PyDict_Type {
        Some(Family::Dict)
    } else if is_plain(kind) {
        None
    } else {
        info(kind).family
    }
}

/// The family of a container that does this operation natively; None for anything else.
#[inline]
pub unsafe fn native(object: *mut ffi::PyObject, which: Slot) -> Option<Family> {
    let kind = ffi::Py_TYPE(object);
    if kind == &raw mut ffi::PyList_Type {
        return Some(Family::List);
    } else if kind == &raw mut ffi::PyDict_Type {
        return Some(Family::Dict);
    } else if is_plain(kind) {
        return None;
    }
    let info = info(kind);
    info.family.filter(|_| info.native & 1 << which as u8 != 0)
}

/// Whether a method of the program's makes up the items that this dict has not.
#[inline]
pub unsafe fn has_missing(object: *mut ffi::PyObject) -> bool {
    let kind = ffi::Py_TYPE(object);
    kind != &raw mut ffi::PyList_Type && kind != &raw mut ffi::PyDict_Type && info(kind).makes_up
}

/// The length of a container without running any Python code.
#[inline]
pub unsafe fn size(object: *mut ffi::PyObject, family: Family) -> isize {
    match family {
        Family::List => ffi::PyList_Size(object),
        Family::Dict => ffi::PyDict_Size(object),
        Family::Set => ffi::PySet_Size(object),
        Family::Bytearray => ffi::PyByteArray_Size(object),
        // The size of a deque and of an array is the size of its variable part.
        Family::Deque | Family::Array => (*object.cast::<ffi::PyVarObject>()).ob_size,
        Family::Memory => 0, // it does not change
    }
}
