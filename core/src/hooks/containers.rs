//! Which objects are containers, and what their methods do to them.

use super::attributes::_PyType_Lookup;
use super::hook::Hook;
use super::labels;
use super::merges::{self, Given};
use crate::ops::{flag, ITERATE, READ, UPDATE};
use crate::record::session::Gil;
use crate::record::{self, access, identity, keys, locations};
use pyo3::ffi;
use rustc_hash::FxHashMap;
use std::ptr::null_mut;

#[derive(Clone, Copy, PartialEq)]
pub enum Family {
    List,
    Dict,
    Set,
    Deque,
    Bytearray,
}

/// What a method does, and to which location.
#[derive(Clone, Copy, PartialEq)]
enum Action {
    /// Reads or updates the item whose key is the first argument.
    ReadItem,
    UpdateItem,
    /// Reads, goes through, or updates the contents.
    Read,
    Iterate,
    Update,
    /// Updates the items that the arguments name.
    Merge,
}

#[derive(Clone, Copy)]
struct Method {
    action: Action,
    /// Whether it goes through its first argument too.
    takes_container: bool,
}

struct Known {
    /// The native container types, whose slots are the ones that are recorded.
    bases: Vec<*mut ffi::PyTypeObject>,
    deque: *mut ffi::PyTypeObject,
    methods: FxHashMap<usize, Method>,
}

static KNOWN: Gil<Option<Known>> = Gil::new(None);

const METHODS: &[(Action, bool, &[&std::ffi::CStr])] = &[
    (Action::ReadItem, false, &[c"get"]),
    (Action::UpdateItem, false, &[c"setdefault", c"move_to_end"]),
    (Action::Read, false, &[c"count", c"index"]),
    (
        Action::Iterate,
        false,
        &[c"copy", c"items", c"keys", c"values"],
    ),
    (
        Action::Iterate,
        true,
        &[
            c"difference",
            c"intersection",
            c"isdisjoint",
            c"issubset",
            c"issuperset",
            c"symmetric_difference",
            c"union",
        ],
    ),
    (
        Action::Update,
        false,
        &[
            c"add",
            c"append",
            c"appendleft",
            c"clear",
            c"discard",
            c"insert",
            c"pop",
            c"popitem",
            c"popleft",
            c"remove",
            c"reverse",
            c"rotate",
            c"sort",
        ],
    ),
    (
        Action::Update,
        true,
        &[
            c"difference_update",
            c"extend",
            c"extendleft",
            c"intersection_update",
            c"symmetric_difference_update",
        ],
    ),
    (Action::Merge, true, &[c"update"]),
];

/// Looks up the native containers and their methods. False with an exception set on failure.
///
/// # Safety
/// The GIL is held.
pub unsafe fn init() -> bool {
    let module = ffi::PyImport_ImportModule(c"collections".as_ptr());
    if module.is_null() {
        return false;
    }
    let mut bases = vec![
        &raw mut ffi::PyList_Type,
        &raw mut ffi::PyDict_Type,
        &raw mut ffi::PySet_Type,
        &raw mut ffi::PyByteArray_Type,
    ];
    let mut deque: *mut ffi::PyTypeObject = null_mut();
    for name in [c"deque", c"OrderedDict", c"defaultdict"] {
        let kind = ffi::PyObject_GetAttrString(module, name.as_ptr());
        if kind.is_null() {
            return false;
        }
        if deque.is_null() {
            deque = kind.cast();
        }
        bases.push(kind.cast());
    }
    ffi::Py_DECREF(module);
    let mut methods = FxHashMap::default();
    for &kind in &bases {
        let dict = ffi::PyType_IsSubtype(kind, &raw mut ffi::PyDict_Type) != 0;
        for &(action, takes_container, names) in METHODS {
            for name in names {
                let interned = ffi::PyUnicode_InternFromString(name.as_ptr());
                let found = _PyType_Lookup(kind, interned);
                ffi::Py_DECREF(interned);
                if found.is_null() || ffi::Py_TYPE(found) != &raw mut ffi::PyMethodDescr_Type {
                    continue;
                }
                let keyed = dict && name.to_bytes() == b"pop";
                let action = if keyed { Action::UpdateItem } else { action };
                let method = (*found.cast::<ffi::PyMethodDescrObject>()).d_method;
                methods.insert(
                    method as usize,
                    Method {
                        action,
                        takes_container,
                    },
                );
            }
        }
    }
    *KNOWN.get() = Some(Known {
        bases,
        deque,
        methods,
    });
    true
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
        derived_family(kind)
    }
}

/// Types that are met often and are no containers.
#[inline]
unsafe fn is_plain(kind: *mut ffi::PyTypeObject) -> bool {
    kind == &raw mut ffi::PyLong_Type
        || kind == &raw mut ffi::PyUnicode_Type
        || kind == &raw mut ffi::PyBool_Type
        || kind == &raw mut ffi::PyTuple_Type
        || kind == &raw mut ffi::PyFloat_Type
        || kind == &raw mut ffi::PyRange_Type
}

unsafe fn derived_family(kind: *mut ffi::PyTypeObject) -> Option<Family> {
    let derives = |base: *mut ffi::PyTypeObject| ffi::PyType_IsSubtype(kind, base) != 0;
    if ffi::PyType_HasFeature(kind, ffi::Py_TPFLAGS_LIST_SUBCLASS) != 0 {
        Some(Family::List)
    } else if ffi::PyType_HasFeature(kind, ffi::Py_TPFLAGS_DICT_SUBCLASS) != 0 {
        Some(Family::Dict)
    } else if derives(&raw mut ffi::PySet_Type) {
        Some(Family::Set)
    } else if derives(&raw mut ffi::PyByteArray_Type) {
        Some(Family::Bytearray)
    } else if derives(KNOWN.get().as_ref()?.deque) {
        Some(Family::Deque)
    } else {
        None
    }
}

/// A slot of a type by which an operation is done.
#[derive(Clone, Copy)]
pub enum Slot {
    GetItem,
    SetItem,
    Contains,
    Iterate,
    Length,
    /// `+=` of a sequence, `|=` of a dict or set.
    InPlace,
}

unsafe fn slot(kind: *mut ffi::PyTypeObject, which: Slot) -> usize {
    let mapping = (*kind).tp_as_mapping;
    let sequence = (*kind).tp_as_sequence;
    // A deque has no mapping slots for items.
    match which {
        Slot::GetItem => match mapping.as_ref().and_then(|m| m.mp_subscript) {
            Some(function) => function as usize,
            None => sequence
                .as_ref()
                .and_then(|s| s.sq_item)
                .map_or(0, |f| f as usize),
        },
        Slot::SetItem => match mapping.as_ref().and_then(|m| m.mp_ass_subscript) {
            Some(function) => function as usize,
            None => sequence
                .as_ref()
                .and_then(|s| s.sq_ass_item)
                .map_or(0, |f| f as usize),
        },
        Slot::Contains => sequence
            .as_ref()
            .and_then(|s| s.sq_contains)
            .map_or(0, |f| f as usize),
        Slot::Iterate => (*kind).tp_iter.map_or(0, |f| f as usize),
        Slot::InPlace => match sequence.as_ref().and_then(|s| s.sq_inplace_concat) {
            Some(function) => function as usize,
            None => (*kind)
                .tp_as_number
                .as_ref()
                .and_then(|n| n.nb_inplace_or)
                .map_or(0, |f| f as usize),
        },
        Slot::Length => {
            if (*kind)
                .tp_as_number
                .as_ref()
                .is_some_and(|n| n.nb_bool.is_some())
            {
                return 0;
            }
            match mapping.as_ref().and_then(|m| m.mp_length) {
                Some(function) => function as usize,
                None => sequence
                    .as_ref()
                    .and_then(|s| s.sq_length)
                    .map_or(0, |f| f as usize),
            }
        }
    }
}

/// The family of a container that does this operation natively; None for anything else.
#[inline]
pub unsafe fn native(object: *mut ffi::PyObject, which: Slot) -> Option<Family> {
    let family = family(object)?;
    let kind = ffi::Py_TYPE(object);
    if kind == &raw mut ffi::PyList_Type || kind == &raw mut ffi::PyDict_Type {
        return Some(family);
    }
    let own = slot(kind, which);
    let bases = &KNOWN.get().as_ref()?.bases;
    let inherited = own != 0 && bases.iter().any(|&base| slot(base, which) == own);
    inherited.then_some(family)
}

/// The length of a container without running any Python code.
#[inline]
pub unsafe fn size(object: *mut ffi::PyObject, family: Family) -> isize {
    match family {
        Family::List => ffi::PyList_Size(object),
        Family::Dict => ffi::PyDict_Size(object),
        Family::Set => ffi::PySet_Size(object),
        Family::Bytearray => ffi::PyByteArray_Size(object),
        // The size of a deque is the size of its variable part.
        Family::Deque => (*object.cast::<ffi::PyVarObject>()).ob_size,
    }
}

/// The location of `container[key]`; that of the contents for a slice or a key without a name.
pub unsafe fn item(
    site: &mut Hook,
    object: *mut ffi::PyObject,
    family: Family,
    key: *mut ffi::PyObject,
) -> u32 {
    let number = site.number(object);
    if number == 0 {
        return 0;
    }
    let location = match family {
        Family::Dict => locations::item(number, key),
        Family::Set => 0,
        _ => match keys::index(key) {
            None => 0,
            Some(index) if index >= 0 => locations::indexed(number, index),
            Some(index) => locations::indexed(number, index + size(object, family)),
        },
    };
    match location {
        0 => locations::contents(number),
        location => location,
    }
}

/// What is to be said of an access to `container[key]`: of a sequence's item, that it goes by the
/// order of the items.
#[inline]
pub unsafe fn indexed(family: Family, key: *mut ffi::PyObject) -> u8 {
    if matches!(family, Family::Dict | Family::Set) {
        return 0;
    }
    match keys::index(key) {
        None => 0,
        Some(index) if index < 0 => flag::INDEXED | flag::FROM_END,
        Some(_) => flag::INDEXED,
    }
}

/// Records an access to `container[key]` that has raised what is now set. What has no such index
/// tells its length.
#[cold]
pub unsafe fn refused(
    op: u8,
    site: &mut Hook,
    object: *mut ffi::PyObject,
    family: Family,
    key: *mut ffi::PyObject,
) {
    let id = site.id;
    let location = || match family {
        Family::Dict => item(site, object, family, key),
        _ => locations::contents(site.number(object)),
    };
    record::refused(op, location, id, 0);
}

/// Records that a whole container is gone through.
#[inline]
pub unsafe fn iterated(site: &mut Hook, object: *mut ffi::PyObject) {
    if native(object, Slot::Iterate).is_some() {
        let location = locations::contents(identity::object_id(object));
        access(ITERATE, location, site.id, null_mut(), 0);
    }
}

/// A container method about to be called: what to record when it has returned.
pub struct Pending {
    method: Method,
    object: *mut ffi::PyObject,
    family: Family,
    before: isize,
}

/// Whether the function is a bound native method of a container that touches its contents.
#[inline]
pub unsafe fn pending(function: *mut ffi::PyObject) -> Option<Pending> {
    if ffi::Py_TYPE(function) != &raw mut ffi::PyCFunction_Type {
        return None;
    }
    let function = function.cast::<ffi::PyCFunctionObject>();
    let method = *KNOWN
        .get()
        .as_ref()?
        .methods
        .get(&((*function).m_ml as usize))?;
    let object = (*function).m_self;
    let family = family(object)?;
    let before = size(object, family);
    Some(Pending {
        method,
        object,
        family,
        before,
    })
}

/// An operator about to change its left operand, if that is a container.
#[inline]
pub unsafe fn changing(object: *mut ffi::PyObject) -> Option<Pending> {
    let family = native(object, Slot::InPlace)?;
    Some(Pending {
        method: Method {
            action: Action::Merge,
            takes_container: true,
        },
        object,
        family,
        before: size(object, family),
    })
}

impl Pending {
    unsafe fn location(&self, site: &mut Hook, first: *mut ffi::PyObject) -> u32 {
        match self.method.action {
            Action::ReadItem | Action::UpdateItem if !first.is_null() => {
                item(site, self.object, self.family, first)
            }
            _ => locations::contents(site.number(self.object)),
        }
    }

    /// `STRUCTURAL` if the call has changed the size.
    unsafe fn flags(&self) -> u8 {
        if size(self.object, self.family) == self.before {
            0
        } else {
            flag::STRUCTURAL
        }
    }

    /// Records the call, which raised what is now set; `first` is its first argument or null.
    #[cold]
    pub unsafe fn refused(&self, site: &mut Hook, first: *mut ffi::PyObject) {
        let op = match self.method.action {
            Action::ReadItem | Action::Read => READ,
            Action::Iterate => ITERATE,
            Action::Update | Action::UpdateItem | Action::Merge => UPDATE,
        };
        let (id, flags) = (site.id, self.flags());
        record::refused(op, || self.location(site, first), id, flags);
    }

    /// Records the call, which returned `result`.
    pub unsafe fn done(&self, site: &mut Hook, given: &Given, result: *mut ffi::PyObject) {
        if self.method.takes_container && !given.first.is_null() {
            iterated(site, given.first);
        }
        self.record(site, given, result, ITERATE);
    }

    /// The same for a container in a manager's server: nobody else has the arguments, and the
    /// caller gets a copy of what the call goes through.
    pub unsafe fn served(&self, site: &mut Hook, given: &Given, result: *mut ffi::PyObject) {
        self.record(site, given, result, READ);
    }

    unsafe fn record(
        &self,
        site: &mut Hook,
        given: &Given,
        result: *mut ffi::PyObject,
        iterate: u8,
    ) {
        let action = self.method.action;
        let flags = self.flags();
        let merges = action == Action::Merge && self.family == Family::Dict;
        if merges && merges::written(site, self.object, given, flags) {
            return;
        }
        let location = self.location(site, given.first);
        let changes = matches!(action, Action::Update | Action::Merge);
        let value = if result == ffi::Py_None() && changes {
            given.first
        } else {
            result
        };
        match action {
            Action::ReadItem | Action::Read => access(READ, location, site.id, value, 0),
            Action::Iterate => access(iterate, location, site.id, null_mut(), 0),
            Action::Update | Action::UpdateItem | Action::Merge => {
                if action == Action::UpdateItem {
                    identity::met(value);
                } else if self.family == Family::List {
                    labels::appended(self.object, value);
                }
                access(UPDATE, location, site.id, value, flags)
            }
        }
    }
}
