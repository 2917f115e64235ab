//! Attributes: of instances, slots, classes and modules. Only real data is recorded: not methods,
//! not properties, not what a `__getattr__` makes up.

use super::hook::{Hook, Object};
use super::modules::{self, Met};
use super::places::{at_once, Place};
use super::{labels, memory, shared, thread_local};
use crate::cpython::{callables, types};
use crate::ops::{flag, DELETE, READ, WRITE};
use crate::record::{self, access, alone, gate, identity, locations, recording};
use pyo3::ffi;
use pyo3::Python;
use std::ptr::null_mut;

/// What an attribute is, by the type of its object.
mod verdict {
    /// No data, or not data that can be told apart.
    pub const IGNORE: u8 = 1;
    /// In the instance for certain: its dict (the type has no such name) or a slot.
    pub const INSTANCE: u8 = 2;
    /// In the instance's dict, or else in the class.
    pub const EITHER: u8 = 3;
    /// In the instance's dict, or else nowhere: the type has its own way of access.
    pub const CUSTOM: u8 = 4;
    /// The object is a class.
    pub const CLASS: u8 = 5;
    /// The object is a module.
    pub const MODULE: u8 = 6;
    /// A field of memory, see `memory`.
    pub const FIELD: u8 = 7;
}

unsafe fn judge(py: Python<'_>, kind: *mut ffi::PyTypeObject, site: &Hook, writes: bool) -> u8 {
    if site.dunder || thread_local(py, kind) {
        return verdict::IGNORE;
    }
    if ffi::PyType_IsSubtype(kind, &raw mut ffi::PyModule_Type) != 0 {
        return verdict::MODULE;
    }
    let found = types::lookup(kind, site.name);
    if ffi::PyType_IsSubtype(kind, &raw mut ffi::PyType_Type) != 0 {
        let property = !found.is_null() && (*ffi::Py_TYPE(found)).tp_descr_set.is_some();
        return match property {
            true => verdict::IGNORE,
            false => verdict::CLASS,
        };
    }
    let generic = if writes {
        (*kind).tp_setattro.map(|f| f as usize)
            == Some(ffi::PyObject_GenericSetAttr as *const () as usize)
    } else {
        (*kind).tp_getattro.map(|f| f as usize)
            == Some(ffi::PyObject_GenericGetAttr as *const () as usize)
    };
    let has_dict = types::has_dict(kind);
    if !found.is_null() {
        let descriptor = ffi::Py_TYPE(found);
        if descriptor == &raw mut ffi::PyMemberDescr_Type {
            let owner = (*found.cast::<ffi::PyDescrObject>()).d_type;
            let slot = ffi::PyType_HasFeature(owner, ffi::Py_TPFLAGS_HEAPTYPE) != 0;
            return if slot {
                verdict::INSTANCE
            } else {
                verdict::IGNORE
            };
        }
        if (*descriptor).tp_descr_set.is_some() {
            return match memory::is_field(py, kind, site.name, descriptor) {
                true => verdict::FIELD,
                false => verdict::IGNORE,
            };
        }
        if !has_dict && (*descriptor).tp_descr_get.is_some() {
            return verdict::IGNORE;
        }
    }
    match (has_dict, generic, found.is_null() || writes) {
        (false, ..) if found.is_null() => verdict::IGNORE,
        (_, false, _) => verdict::CUSTOM,
        (_, true, true) => verdict::INSTANCE,
        (_, true, false) => verdict::EITHER,
    }
}

/// The location, if it is known, of an attribute that is in its instance for certain.
#[inline(always)]
unsafe fn located(py: Python<'_>, site: &Hook, object: Object) -> Option<u32> {
    let version = types::version(ffi::Py_TYPE(object));
    let known = version != 0 && version == site.version && site.verdict == verdict::INSTANCE;
    known.then(|| site.cached(py, object)).flatten()
}

/// The location of the site's attribute in `object`; 0 if the access is not to be recorded.
#[inline]
unsafe fn locate(py: Python<'_>, site: &mut Hook, object: Object, met: Met, writes: bool) -> u32 {
    let kind = ffi::Py_TYPE(object);
    let version = types::version(kind);
    if version == 0 || version != site.version {
        site.verdict = judge(py, kind, site, writes);
        // The look-up gives the type a version if it had none.
        site.version = types::version(kind);
        site.object = null_mut();
    }
    match site.verdict {
        verdict::IGNORE => 0,
        verdict::INSTANCE => match site.cached(py, object) {
            Some(location) => location,
            None => {
                let location = locations::attribute(py, identity::object_id(py, object), site.name);
                site.cache(py, object, location)
            }
        },
        verdict::EITHER if is_method(met, object) => 0,
        _ => locate_slowly(py, site, object, met, writes),
    }
}

/// Whether a value that was read from an object is a method of it, found in its class.
#[inline]
unsafe fn is_method(met: Met, object: Object) -> bool {
    let Met::Value(value) = met else {
        return false;
    };
    let kind = ffi::Py_TYPE(value);
    match callables::bound(value) {
        Some((_, owner)) => owner == object,
        None => kind == &raw mut ffi::PyCFunction_Type && ffi::PyCFunction_GetSelf(value) == object,
    }
}

#[inline(never)]
unsafe fn locate_slowly(
    py: Python<'_>,
    site: &mut Hook,
    object: Object,
    met: Met,
    writes: bool,
) -> u32 {
    match site.verdict {
        verdict::EITHER if in_dict(object, site.name) => {
            locations::attribute(py, identity::object_id(py, object), site.name)
        }
        verdict::EITHER => in_class(py, ffi::Py_TYPE(object), site.name).unwrap_or(0),
        verdict::CUSTOM => {
            let nothing = met == Met::Nothing && types::has_dict(ffi::Py_TYPE(object));
            match nothing || in_dict(object, site.name) {
                true => locations::attribute(py, identity::object_id(py, object), site.name),
                false => 0,
            }
        }
        verdict::FIELD => memory::field(py, object, site.name),
        verdict::CLASS if writes => own_of_class(py, object, site.name),
        verdict::CLASS => of_class(py, object, site.name),
        verdict::MODULE => match site.cached(py, object) {
            Some(location) => location,
            None => match modules::locate(py, object, site.name) {
                0 => modules::locate_unbound(py, object, site.name, met, writes),
                location => site.cache(py, object, location),
            },
        },
        _ => 0,
    }
}

unsafe fn in_dict(object: Object, name: Object) -> bool {
    let dict = types::dict_place(object);
    if dict.is_null() || (*dict).is_null() {
        return false;
    }
    let found = ffi::PyDict_GetItemWithError(*dict, name);
    if found.is_null() {
        ffi::PyErr_Clear();
    }
    !found.is_null()
}

/// The location of what a class has under a name, itself or from its metaclass; of what it would
/// have, if there is nothing.
unsafe fn of_class(py: Python<'_>, class: Object, name: Object) -> u32 {
    in_class(py, class.cast(), name)
        .or_else(|| in_class(py, ffi::Py_TYPE(class), name))
        .unwrap_or_else(|| own_of_class(py, class, name))
}

/// The location of a class's own attribute. Nobody but the interpreter has those of its types.
unsafe fn own_of_class(py: Python<'_>, class: Object, name: Object) -> u32 {
    match ffi::PyType_HasFeature(class.cast(), ffi::Py_TPFLAGS_HEAPTYPE) {
        0 => 0,
        _ => locations::attribute(py, labels::class(py, class), name),
    }
}

/// The location of a class's data: that of the class in the bases that has the name. None if none
/// has, 0 if it is no data.
unsafe fn in_class(py: Python<'_>, kind: *mut ffi::PyTypeObject, name: Object) -> Option<u32> {
    let found = types::lookup(kind, name);
    if found.is_null() {
        return None;
    }
    let descriptor = ffi::Py_TYPE(found);
    if (*descriptor).tp_descr_get.is_some() || ffi::PyType_Check(found) != 0 {
        return Some(0);
    }
    let bases = (*kind).tp_mro;
    if bases.is_null() {
        return Some(0);
    }
    // Comparing the name with strange keys may run code that gives the class other bases.
    ffi::Py_INCREF(bases);
    let mut location = 0;
    for index in 0..ffi::PyTuple_Size(bases) {
        let base = ffi::PyTuple_GetItem(bases, index);
        let dict = (*base.cast::<ffi::PyTypeObject>()).tp_dict;
        let heap = ffi::PyType_HasFeature(base.cast(), ffi::Py_TPFLAGS_HEAPTYPE) != 0;
        if !heap || dict.is_null() || ffi::PyDict_Check(dict) == 0 {
            continue;
        }
        if ffi::PyDict_GetItemWithError(dict, name).is_null() {
            ffi::PyErr_Clear();
        } else {
            location = locations::attribute(py, labels::class(py, base), name);
            break;
        }
    }
    ffi::Py_DECREF(bases);
    Some(location)
}

/// Records an access that was made; `value` is what was read or written, null for a deletion.
pub unsafe fn record(
    py: Python<'_>,
    op: u8,
    site: *mut Hook,
    object: Object,
    met: Met,
    value: Object,
) {
    let site = &mut *site;
    let location = locate(py, site, object, met, op != READ);
    if location != 0 {
        let augmented = op == WRITE && site.augments && alone::reads();
        let flags = if augmented { flag::AUGMENTED } else { 0 };
        access(py, op, location, site.id, value, flags);
    }
}

/// Records an access that has raised what is now set: an AttributeError says that there was nothing.
#[cold]
pub unsafe fn refused(py: Python<'_>, op: u8, site: *mut Hook, object: Object) {
    if ffi::PyErr_ExceptionMatches(ffi::PyExc_AttributeError) != 0 {
        let site = &mut *site;
        let id = site.id;
        let location = || locate(py, site, object, Met::Nothing, op != READ);
        record::refused(py, op, location, id, 0);
    }
}

/// An attribute, in an object.
pub struct Attribute;

impl Place for Attribute {
    #[inline]
    unsafe fn read(py: Python<'_>, hook: *mut Hook, object: Object) -> Object {
        if !Hook::reads(hook) {
            return ffi::PyObject_GetAttr(object, (*hook).name);
        }
        if shared::active() {
            if let Some(value) = shared::read_attribute(py, hook, object) {
                return value;
            }
        }
        gate::before(py, READ, 0, (*hook).id);
        let value = ffi::PyObject_GetAttr(object, (*hook).name);
        if recording() {
            if value.is_null() {
                refused(py, READ, hook, object);
            } else {
                record(py, READ, hook, object, Met::Value(value), value);
            }
        }
        value
    }

    #[inline]
    unsafe fn write(py: Python<'_>, hook: *mut Hook, object: Object, value: Object) -> bool {
        if shared::active() {
            if let Some(stored) = shared::write_attribute(py, hook, object, value) {
                return stored;
            }
        }
        if !Hook::changes(hook) {
            let stored = ffi::PyObject_SetAttr(object, (*hook).name, value) == 0;
            if stored && !(*hook).dunder {
                labels::lies_in_attribute(py, object, (*hook).name, value);
            }
            return stored;
        }
        gate::before(py, WRITE, 0, (*hook).id);
        if ffi::PyObject_SetAttr(object, (*hook).name, value) < 0 {
            return false;
        }
        if recording() {
            record(py, WRITE, hook, object, Met::Value(value), value);
            labels::attribute(py, object, (*hook).name, value);
        }
        true
    }

    #[inline]
    unsafe fn augment_at_once(
        py: Python<'_>,
        hook: *mut Hook,
        object: Object,
        operand: Object,
    ) -> Option<bool> {
        if shared::active() {
            return None;
        }
        let location = located(py, &*hook, object)?;
        located(py, &*(*hook).partner, object)?;
        let name = (*hook).name;
        let get = || ffi::PyObject_GetAttr(object, name);
        let set = |new| ffi::PyObject_SetAttr(object, name, new) == 0;
        at_once(py, hook, location, operand, get, set)
    }
}

/// `del hook[object]`.
pub unsafe fn delete_attribute(py: Python<'_>, hook: *mut Hook, object: Object, _: Object) -> bool {
    if !Hook::changes(hook) {
        return ffi::PyObject_SetAttr(object, (*hook).name, null_mut()) == 0;
    }
    gate::before(py, DELETE, 0, (*hook).id);
    if ffi::PyObject_SetAttr(object, (*hook).name, null_mut()) < 0 {
        if recording() {
            refused(py, DELETE, hook, object);
        }
        return false;
    }
    if recording() {
        record(py, DELETE, hook, object, Met::Something, null_mut());
    }
    true
}
