//! What the methods of containers do to them.

use super::hook::Hook;
pub use super::iteration::{iterated, passed};
use super::kinds::{self, bases};
pub use super::kinds::{family, has_missing, makes_items, native, size, Family, Slot};
use super::labels;
use super::merges::{self, Given};
use super::methods::{add_methods, called, Action, Method};
use super::{memory, namespaces, through};
use crate::cpython::callables;
use crate::ops::{flag, DELETE, ITERATE, READ, UPDATE, WRITE};
use crate::record::{self, access, alone, identity, keys, locations};
use pyo3::ffi;
use pyo3::Python;
use std::ptr::null_mut;

type Object = *mut ffi::PyObject;

/// Looks up the native containers and their methods. False with an exception set on failure.
pub fn init(py: Python<'_>) -> bool {
    if !kinds::init(py, add_methods) || !callables::init(py) {
        return false;
    }
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        for (kind, family) in bases(py) {
            add_methods(py, kind, family);
        }
    }
    true
}

/// The location of `container[key]`; that of the contents for a slice or a key without a name.
pub unsafe fn item(
    py: Python<'_>,
    site: &mut Hook,
    object: *mut ffi::PyObject,
    family: Family,
    key: *mut ffi::PyObject,
) -> u32 {
    if family == Family::Memory {
        return match memory::item(py, object, key) {
            0 => locations::contents(py, memory::number(py, object)),
            location => location,
        };
    }
    let number = site.number(py, object);
    if number == 0 {
        return 0;
    }
    let location = match family {
        Family::Dict => namespaces::item(py, number, key),
        Family::Set => 0,
        _ => match keys::index(key) {
            None => 0,
            Some(index) if index >= 0 => locations::indexed(py, number, index),
            Some(index) => locations::indexed(py, number, index + size(object, family)),
        },
    };
    match location {
        0 => locations::contents(py, number),
        location => location,
    }
}

/// What is to be said of an access to `container[key]`: of a sequence's item, that it goes by the
/// order of the items.
#[inline]
pub unsafe fn indexed(family: Family, key: *mut ffi::PyObject) -> u8 {
    if !family.is_sequence() {
        return 0;
    }
    match keys::index(key) {
        None if is_part(key) => flag::INDEXED,
        None => 0,
        Some(index) if index < 0 => flag::INDEXED | flag::FROM_END,
        Some(_) => flag::INDEXED,
    }
}

/// Whether it is a slice that has an end: one without is all that is there.
unsafe fn is_part(key: *mut ffi::PyObject) -> bool {
    if ffi::PySlice_Check(key) == 0 {
        return false;
    }
    let slice = key.cast::<ffi::PySliceObject>();
    (*slice).start != ffi::Py_None() || (*slice).stop != ffi::Py_None()
}

/// Records an access to `container[key]` that has raised what is now set. What has no such index
/// tells its length.
#[cold]
pub unsafe fn refused(
    py: Python<'_>,
    op: u8,
    site: &mut Hook,
    object: *mut ffi::PyObject,
    family: Family,
    key: *mut ffi::PyObject,
) {
    let id = site.id;
    let location = || match family {
        Family::Dict => item(py, site, object, family, key),
        _ => locations::contents(py, site.number(py, object)),
    };
    record::refused(py, op, location, id, 0);
}

/// Records a read of an item that a method of the program's is going to make up, and whether it is
/// that: for a key whose look-up runs nothing of the program's.
pub unsafe fn made_up(py: Python<'_>, site: &mut Hook, object: Object, key: Object) -> bool {
    if !keys::is_inert(key) {
        return false;
    }
    let found = ffi::PyDict_GetItemWithError(object, key);
    if found.is_null() {
        let location = item(py, site, object, Family::Dict, key);
        access(py, READ, location, site.id, null_mut(), 0);
    }
    found.is_null()
}

/// A container method about to be called: what to record when it has returned.
pub struct Pending {
    method: Method,
    object: Object,
    family: Family,
    before: isize,
    /// How many of the arguments come before its first: `list.append(l, 1)` has one.
    pub skipped: isize,
}

/// Whether the function is a native method of a container that touches its contents. `first` is
/// the first argument of the call, or null.
#[inline]
pub unsafe fn pending(py: Python<'_>, function: Object, first: Object) -> Option<Pending> {
    let (method, mut object) = called(py, function)?;
    let skipped = isize::from(object.is_null());
    if object.is_null() {
        object = first;
    }
    if object.is_null() {
        return None;
    }
    let family = family(py, object)?;
    Some(Pending {
        method,
        object,
        family,
        before: size(object, family),
        skipped,
    })
}

/// An operator about to change its left operand, if that is a container.
#[inline]
pub unsafe fn changing(py: Python<'_>, object: Object) -> Option<Pending> {
    let family = native(py, object, Slot::InPlace)?;
    Some(Pending {
        method: Method {
            action: Action::Merge,
            takes_container: true,
            slot: None,
        },
        object,
        family,
        before: size(object, family),
        skipped: 0,
    })
}

impl Pending {
    /// Whether the call changes nothing.
    pub fn only_reads(&self) -> bool {
        let action = self.method.action;
        let reads = [
            Action::ReadItem,
            Action::Read,
            Action::Copy,
            Action::Iterate,
        ];
        reads.contains(&action)
    }

    /// Whether the call changes no more than one item, or what is in the container with no other.
    pub fn is_plain(&self) -> bool {
        !self.method.takes_container && self.family != Family::Memory
    }

    /// The call has changed the container unseen; `result` is what it returned.
    pub unsafe fn lies(&self, py: Python<'_>, first: Object, second: Object, result: Object) {
        let object = self.object;
        match self.method.action {
            Action::WriteItem => labels::lies_in_item(py, object, first, second),
            Action::UpdateItem if !first.is_null() => {
                labels::lies_in_item(py, object, first, result)
            }
            Action::Update if self.family == Family::List && !first.is_null() => {
                labels::lies_at_end(py, object, first);
            }
            _ => {}
        }
    }

    unsafe fn location(&self, py: Python<'_>, site: &mut Hook, first: Object) -> u32 {
        match self.method.action {
            Action::ReadItem | Action::UpdateItem | Action::WriteItem if !first.is_null() => {
                item(py, site, self.object, self.family, first)
            }
            Action::DeleteItem if self.family == Family::Dict && !first.is_null() => {
                item(py, site, self.object, self.family, first)
            }
            _ => locations::contents(py, site.number(py, self.object)),
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

    /// The site of the operator that this is called for by a subclass, or else the hook's.
    fn site(&self, hook: &Hook) -> u32 {
        let operator = self
            .method
            .slot
            .and_then(|slot| through::taken(slot, self.object));
        operator.unwrap_or(hook.id)
    }

    /// Records the call, which raised what is now set; `first` is its first argument or null.
    #[cold]
    pub unsafe fn refused(&self, py: Python<'_>, hook: &mut Hook, first: Object) {
        let op = match self.method.action {
            Action::ReadItem | Action::Read | Action::Copy => READ,
            Action::Iterate => ITERATE,
            Action::WriteItem => WRITE,
            Action::DeleteItem => DELETE,
            Action::Update | Action::UpdateItem | Action::Merge => UPDATE,
        };
        let (site, flags) = (self.site(hook), self.flags());
        record::refused(py, op, || self.location(py, hook, first), site, flags);
    }

    /// Records the call, which returned `result`.
    pub unsafe fn done(&self, py: Python<'_>, hook: &mut Hook, given: &Given, result: Object) {
        if self.method.takes_container && !given.first.is_null() && alone::reads() {
            iterated(py, hook, given.first);
        }
        self.record(py, hook, given, result, ITERATE);
    }

    /// The same for a container in a manager's server: nobody else has the arguments, and the
    /// caller gets a copy of what the call goes through.
    pub unsafe fn served(&self, py: Python<'_>, hook: &mut Hook, given: &Given, result: Object) {
        self.record(py, hook, given, result, READ);
    }

    unsafe fn record(
        &self,
        py: Python<'_>,
        hook: &mut Hook,
        given: &Given,
        result: Object,
        iterate: u8,
    ) {
        let action = self.method.action;
        let flags = self.flags();
        let merges = action == Action::Merge && self.family == Family::Dict;
        if merges && merges::written(py, hook, self.object, given, flags) {
            return;
        }
        let site = self.site(hook);
        let location = self.location(py, hook, given.first);
        let indexed = || indexed(self.family, given.first);
        match action {
            Action::ReadItem if self.method.slot == Some(Slot::GetItem) => {
                access(py, READ, location, site, result, indexed())
            }
            Action::ReadItem | Action::Read => access(py, READ, location, site, result, 0),
            Action::Copy => access(py, READ, location, site, null_mut(), 0),
            Action::Iterate => access(py, iterate, location, site, null_mut(), 0),
            Action::WriteItem if slice(given.first) => {
                access(py, UPDATE, location, site, given.second, flags)
            }
            Action::WriteItem => access(py, WRITE, location, site, given.second, flags | indexed()),
            Action::DeleteItem if self.family == Family::Dict => {
                access(py, DELETE, location, site, null_mut(), flags)
            }
            Action::DeleteItem => access(py, UPDATE, location, site, null_mut(), flags),
            Action::UpdateItem => {
                identity::met(py, result);
                access(py, UPDATE, location, site, result, flags)
            }
            Action::Update | Action::Merge => {
                let value = match result == ffi::Py_None() {
                    true => given.first,
                    false => result,
                };
                if self.family == Family::List {
                    labels::appended(py, self.object, value);
                }
                access(py, UPDATE, location, site, value, flags)
            }
        }
    }
}

unsafe fn slice(key: Object) -> bool {
    !key.is_null() && ffi::Py_TYPE(key) == &raw mut ffi::PySlice_Type
}
