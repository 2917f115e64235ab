//! Plain memory: memoryviews, mmaps, and the objects of ctypes. Several objects may be views of one
//! block, so a location is one of the object that the block belongs to.

use super::hook::Object;
use crate::cpython::{deaths, memory, types};
use crate::gil::Gil;
use crate::record::{identity, keys, locations};
use pyo3::ffi;
use pyo3::Python;
use rustc_hash::FxHashMap;
use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::ptr::null_mut;

/// By the number of an object of ctypes, the place of a part in it and its type, the part's number.
type Parts = FxHashMap<(u32, usize, usize), u32>;

static PARTS: Gil<Option<Parts>> = Gil::new(None);

/// Forgets everything: a new recording.
pub fn reset(py: Python<'_>) {
    PARTS.set(py, None);
}

/// Whether instances of the type are objects of ctypes.
unsafe fn is_of_ctypes(py: Python<'_>, kind: *mut ffi::PyTypeObject) -> bool {
    static DATA: Gil<*mut ffi::PyTypeObject> = Gil::new(null_mut());
    if DATA.copied(py).is_null() {
        let structure = types::imported(py, c"_ctypes", c"Structure");
        if structure.is_null() {
            return false;
        }
        DATA.set(py, (*structure).tp_base);
    }
    ffi::PyType_IsSubtype(kind, DATA.copied(py)) != 0
}

/// Whether an attribute with such a descriptor is a field of memory.
///
/// # Safety
/// All are live.
pub unsafe fn is_field(
    py: Python<'_>,
    kind: *mut ffi::PyTypeObject,
    name: Object,
    descriptor: *mut ffi::PyTypeObject,
) -> bool {
    let field = CStr::from_ptr((*descriptor).tp_name).to_bytes();
    if field.ends_with(b"CField") {
        return is_of_ctypes(py, kind);
    }
    ffi::PyUnicode_CompareWithASCIIString(name, c"value".as_ptr()) == 0 && is_of_ctypes(py, kind)
}

/// The number of an object of ctypes, which may be made anew each time that it is asked for.
unsafe fn part(py: Python<'_>, object: Object) -> u32 {
    let mut root = object;
    loop {
        let base = ffi::PyObject_GetAttrString(root, c"_b_base_".as_ptr());
        if base.is_null() {
            ffi::PyErr_Clear();
            return 0;
        }
        ffi::Py_DECREF(base); // the object has it
        if base == ffi::Py_None() {
            break;
        }
        root = base;
    }
    let number = identity::object_id(py, root);
    if root == object || number == 0 {
        return number;
    }
    let place = memory::start(object).wrapping_sub(memory::start(root));
    let key = (number, place, ffi::Py_TYPE(object) as usize);
    let known = PARTS
        .get_some(py)
        .and_then(|parts| parts.get(&key).copied());
    if let Some(known) = known {
        return known;
    }
    let kind = CStr::from_ptr((*ffi::Py_TYPE(object)).tp_name);
    let part = identity::define_here(py, &kind.to_string_lossy(), "");
    PARTS
        .get_or_insert_with(py, FxHashMap::default)
        .insert(key, part);
    part
}

/// The location of a field; 0 if there is none.
///
/// # Safety
/// `object` is one of ctypes.
pub unsafe fn field(py: Python<'_>, object: Object, name: Object) -> u32 {
    locations::attribute(py, part(py, object), name)
}

/// The number of the object that the memory belongs to.
///
/// # Safety
/// What it is given is live.
pub unsafe fn number(py: Python<'_>, object: Object) -> u32 {
    if ffi::PyMemoryView_Check(object) != 0 {
        let owner = memory::owner(object);
        return match owner.is_null() {
            true => identity::object_id(py, object),
            false => number(py, owner),
        };
    }
    match is_of_ctypes(py, ffi::Py_TYPE(object)) {
        true => part(py, object),
        false => identity::object_id(py, object),
    }
}

/// What a memoryview is of, a new reference, and the name of the attribute that tells it.
///
/// # Safety
/// The GIL is held.
pub unsafe fn viewed(object: Object) -> Option<(&'static CStr, Object)> {
    if ffi::PyMemoryView_Check(object) == 0 {
        return None;
    }
    let owner = memory::owner(object);
    ffi::Py_XINCREF(owner);
    (!owner.is_null()).then_some((c"obj", owner))
}

/// Where the memory of an object begins, and how large its items are; None if it does not say so.
unsafe fn buffer(py: Python<'_>, object: Object) -> Option<(usize, isize)> {
    if deaths::is_class(ffi::Py_TYPE(object)) && !is_of_ctypes(py, ffi::Py_TYPE(object)) {
        return None;
    }
    let mut view = MaybeUninit::<ffi::Py_buffer>::zeroed();
    if ffi::PyObject_GetBuffer(object, view.as_mut_ptr(), ffi::PyBUF_FULL_RO) < 0 {
        ffi::PyErr_Clear();
        return None;
    }
    let found = ((*view.as_ptr()).buf as usize, (*view.as_ptr()).itemsize);
    ffi::PyBuffer_Release(view.as_mut_ptr());
    Some(found)
}

/// The location of `object[key]`; 0 if that is more than one item, or none that can be told.
///
/// # Safety
/// What it is given is live.
pub unsafe fn item(py: Python<'_>, object: Object, key: Object) -> u32 {
    let (Some(mut index), owned) = (keys::index(key), number(py, object)) else {
        return 0;
    };
    if index < 0 {
        index += ffi::PyObject_Size(object);
    }
    if ffi::PyMemoryView_Check(object) == 0 {
        return locations::indexed(py, owned, index);
    }
    let Some(view) = memory::view(object).filter(|view| !view.obj.is_null()) else {
        return locations::indexed(py, owned, index);
    };
    let Some((start, size)) = buffer(py, view.obj) else {
        return 0;
    };
    if view.itemsize != size || view.ndim != 1 || size == 0 {
        return 0;
    }
    let stride = match view.strides.is_null() {
        true => size,
        false => *view.strides,
    };
    let place = view.buf as isize - start as isize + index * stride;
    locations::indexed(py, owned, place / size)
}
