//! Which types are containers, and what instances of them do natively. Asked once for each type.

use crate::cpython::{deaths, types};
use crate::gil::Gil;
use pyo3::ffi;
use pyo3::Python;
use std::ffi::CStr;
use std::ptr::null_mut;

pub type Kind = *mut ffi::PyTypeObject;

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

/// What the standard library's Python puts around containers, see `wrappers`.
#[derive(Clone, Copy, PartialEq)]
pub enum Wrapper {
    /// `UserDict`
    Dict,
    /// `UserList`
    List,
    /// `ChainMap`
    Chain,
    /// What `os.environ` is one of.
    Environment,
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
    wrapper: Option<Wrapper>,
}

const UNKNOWN: Info = Info {
    version: 0,
    family: None,
    native: 0,
    makes_up: false,
    wrapper: None,
};
const CACHED: usize = 256;
static CACHE: Gil<[Info; CACHED]> = Gil::new([UNKNOWN; CACHED]);

struct Base {
    kind: Kind,
    family: Family,
}

/// The native types, the ones that derive from others after those.
static BASES: Gil<Vec<Base>> = Gil::new(Vec::new());

static DEFAULT: Gil<Kind> = Gil::new(null_mut());

/// The types of wrappers, in the order of `WRAPPED`.
static WRAPPERS: Gil<[Kind; WRAPPED.len()]> = Gil::new([null_mut(); WRAPPED.len()]);

const WRAPPED: [(&CStr, &CStr, Wrapper); 4] = [
    (c"collections", c"UserDict", Wrapper::Dict),
    (c"collections", c"UserList", Wrapper::List),
    (c"collections", c"ChainMap", Wrapper::Chain),
    (c"os", c"_Environ", Wrapper::Environment),
];

/// Native types that the program may import later, or never.
const LATE: &[(&CStr, &CStr, Family)] = &[
    (c"array", c"array", Family::Array),
    (c"mmap", c"mmap", Family::Memory),
    (c"_ctypes", c"Array", Family::Memory),
];

/// Is told of native types that are found later.
pub type Found = unsafe fn(Python<'_>, Kind, Family);

static FOUND: Gil<Option<Found>> = Gil::new(None);

/// Finds the native types; `found` is told of those that come later. False with an exception set on failure.
pub fn init(py: Python<'_>, found: Found) -> bool {
    FOUND.set(py, Some(found));
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        let collections = ffi::PyImport_ImportModule(c"collections".as_ptr());
        if collections.is_null() {
            return false;
        }
        let own = |name: &CStr| ffi::PyObject_GetAttrString(collections, name.as_ptr()).cast();
        let (deque, ordered, default) = (own(c"deque"), own(c"OrderedDict"), own(c"defaultdict"));
        // Its few methods in Python do what a dict's do.
        let counter = own(c"Counter");
        DEFAULT.set(py, default);
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
            BASES.get(py).push(Base { kind, family });
        }
        true
    }
}

/// Finds the types of wrappers. False with an exception set on failure.
pub fn init_wrappers(py: Python<'_>) -> bool {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        for (index, (module, name, _)) in WRAPPED.iter().enumerate() {
            let module = ffi::PyImport_ImportModule(module.as_ptr());
            if module.is_null() {
                return false;
            }
            let found: Kind = ffi::PyObject_GetAttrString(module, name.as_ptr()).cast();
            ffi::Py_DECREF(module);
            if found.is_null() {
                return false;
            }
            WRAPPERS.set_at(py, index, found);
        }
    }
    true
}

/// The standard library's type of a wrapper.
pub fn wrapper_type(py: Python<'_>, wrapper: Wrapper) -> Kind {
    let index = WRAPPED.iter().position(|&(_, _, known)| known == wrapper);
    index.map_or(null_mut(), |index| WRAPPERS.at(py, index))
}

/// The native types that are known by now.
pub fn bases(py: Python<'_>) -> impl Iterator<Item = (Kind, Family)> + '_ {
    let known = BASES.get(py).len();
    (0..known).map(move |index| {
        let base = &BASES.get(py)[index];
        (base.kind, base.family)
    })
}

#[cold]
fn look_for_late_types(py: Python<'_>) {
    deaths::watch_late(py);
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        for &(module, name, family) in LATE {
            let kind = types::imported(py, module, name);
            if !kind.is_null() && bases(py).all(|(known, _)| known != kind) {
                BASES.get(py).push(Base { kind, family });
                if let Some(found) = FOUND.copied(py) {
                    found(py, kind, family);
                }
            }
        }
    }
}

unsafe fn lookup(kind: Kind, name: &CStr) -> *mut ffi::PyObject {
    let interned = ffi::PyUnicode_InternFromString(name.as_ptr());
    let found = types::lookup(kind, interned);
    ffi::Py_DECREF(interned);
    found
}

#[cold]
unsafe fn learn(py: Python<'_>, kind: Kind) -> Info {
    look_for_late_types(py);
    let over = || bases(py).filter(|&(base, _)| ffi::PyType_IsSubtype(kind, base) != 0);
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
    let wrapper = match family {
        None => learn_wrapper(py, kind, &mut native),
        Some(_) => None,
    };
    Info {
        version: types::version(kind),
        family,
        wrapper,
        native,
        makes_up: family == Some(Family::Dict) && makes_up(py, kind),
    }
}

/// Which wrapper instances of the type are, and what they do in the standard library's way; None
/// if what is in one cannot be reached without the program's help.
unsafe fn learn_wrapper(py: Python<'_>, kind: Kind, native: &mut u8) -> Option<Wrapper> {
    let is = |base: &&Kind| !base.is_null() && ffi::PyType_IsSubtype(kind, **base) != 0;
    let base = *WRAPPERS.copied(py).iter().find(is)?;
    let wrapper = WRAPPED
        .iter()
        .find_map(|&(_, _, known)| (wrapper_type(py, known) == base).then_some(known))?;
    let same = |name: &CStr| lookup(kind, name) == lookup(base, name);
    let plain = same(c"__getattribute__") && same(c"__getattr__");
    if !plain || !same(c"data") || !same(c"maps") || !same(c"__missing__") {
        return None;
    }
    for &(slot, name) in METHODS {
        if same(name) && (slot != Slot::Length || same(c"__bool__")) {
            *native |= 1 << slot as u8;
        }
    }
    Some(wrapper)
}

unsafe fn makes_up(py: Python<'_>, kind: Kind) -> bool {
    let own = lookup(kind, c"__missing__");
    !own.is_null() && bases(py).all(|(base, _)| lookup(base, c"__missing__") != own)
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
unsafe fn info(py: Python<'_>, kind: Kind) -> Info {
    let version = types::version(kind);
    let cached = CACHE.at(py, version as usize % CACHED);
    if version == 0 || cached.version != version {
        let info = learn(py, kind);
        CACHE.set_at(py, info.version as usize % CACHED, info);
        return info;
    }
    cached
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
pub unsafe fn family(py: Python<'_>, object: *mut ffi::PyObject) -> Option<Family> {
    let kind = ffi::Py_TYPE(object);
    if kind == &raw mut ffi::PyList_Type {
        Some(Family::List)
    } else if kind == &raw mut ffi::PyDict_Type {
        Some(Family::Dict)
    } else if is_plain(kind) {
        None
    } else {
        info(py, kind).family
    }
}

/// The family of a container that does this operation natively; None for anything else.
#[inline]
pub unsafe fn native(py: Python<'_>, object: *mut ffi::PyObject, which: Slot) -> Option<Family> {
    let kind = ffi::Py_TYPE(object);
    if kind == &raw mut ffi::PyList_Type {
        return Some(Family::List);
    } else if kind == &raw mut ffi::PyDict_Type {
        return Some(Family::Dict);
    } else if is_plain(kind) {
        return None;
    }
    let info = info(py, kind);
    info.family.filter(|_| info.native & 1 << which as u8 != 0)
}

/// Which wrapper an object is, if it does the operation in the standard library's way.
#[inline]
pub unsafe fn wrapper(
    py: Python<'_>,
    object: *mut ffi::PyObject,
    which: Option<Slot>,
) -> Option<Wrapper> {
    let kind = ffi::Py_TYPE(object);
    if kind == &raw mut ffi::PyList_Type || kind == &raw mut ffi::PyDict_Type || is_plain(kind) {
        return None;
    }
    let info = info(py, kind);
    let does = |slot| info.native & 1 << slot as u8 != 0;
    info.wrapper.filter(|_| which.is_none_or(does))
}

/// Which wrapper an object is, if it does all in the standard library's way.
pub unsafe fn whole_wrapper(py: Python<'_>, object: *mut ffi::PyObject) -> Option<Wrapper> {
    let whole = |&(slot, _): &(Slot, _)| wrapper(py, object, Some(slot)).is_some();
    wrapper(py, object, None).filter(|_| METHODS.iter().all(whole))
}

/// Whether a method of the program's makes up the items that this dict has not.
#[inline]
pub unsafe fn has_missing(py: Python<'_>, object: *mut ffi::PyObject) -> bool {
    let kind = ffi::Py_TYPE(object);
    kind != &raw mut ffi::PyList_Type
        && kind != &raw mut ffi::PyDict_Type
        && info(py, kind).makes_up
}

/// Whether to read an item may make it: in a `defaultdict`.
#[inline]
pub unsafe fn makes_items(py: Python<'_>, object: *mut ffi::PyObject) -> bool {
    let kind = ffi::Py_TYPE(object);
    let plain =
        is_plain(kind) || kind == &raw mut ffi::PyList_Type || kind == &raw mut ffi::PyDict_Type;
    !plain && ffi::PyType_IsSubtype(kind, DEFAULT.copied(py)) != 0
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
