//! Functions in the slots of types, in whose place ours stand: how their instances are hashed, shown and
//! made.
//!
//! Versions: 3.11 and newer, whose slots are public.
//! Check: a slot is changed only where it has the function that was read from it; so is the method that
//! stands for it (`__repr__`).
//! Elsewhere: where a slot is empty, or has another function, it stays, and what is made of it is CPython's.
//! Safe: types that are changed live for ever, and what is put in calls the original or does its work.

use super::methods::rewrap;
use pyo3::ffi;
use std::ffi::c_int;

type Object = *mut ffi::PyObject;
type Kind = *mut ffi::PyTypeObject;

pub type Hash = unsafe extern "C" fn(Object) -> ffi::Py_hash_t;
pub type Repr = unsafe extern "C" fn(Object) -> Object;
pub type Init = unsafe extern "C" fn(Object, Object, Object) -> c_int;

/// What makes the hashes of a type's instances; None if they have none.
///
/// # Safety
/// The GIL is held and `kind` is live.
pub unsafe fn hash(kind: Kind) -> Option<Hash> {
    (*kind).tp_hash
}

/// Puts `with` in the place of `original`.
///
/// # Safety
/// The GIL is held, and the type lives for ever.
pub unsafe fn replace_hash(kind: Kind, original: Hash, with: Hash) {
    if (*kind).tp_hash.map(|slot| slot as usize) == Some(original as usize) {
        (*kind).tp_hash = Some(with);
        rewrap(kind, c"__hash__", original as usize, with as usize);
    }
}

/// What makes the text of a type's instances.
///
/// # Safety
/// The GIL is held and `kind` is live.
pub unsafe fn repr(kind: Kind) -> Option<Repr> {
    (*kind).tp_repr
}

/// Puts `with` in the place of `original`, in the type and in all below it that have inherited it.
///
/// # Safety
/// The GIL is held, and the type lives for ever.
pub unsafe fn replace_repr(kind: Kind, original: Repr, with: Repr) {
    if (*kind).tp_repr.map(|slot| slot as usize) != Some(original as usize) {
        return;
    }
    (*kind).tp_repr = Some(with);
    rewrap(kind, c"__repr__", original as usize, with as usize);
    // SAFETY: `type.__subclasses__` runs no code of the program's, and `kind` is a type.
    let below = ffi::PyObject_CallMethod(
        (&raw mut ffi::PyType_Type).cast(),
        c"__subclasses__".as_ptr(),
        c"O".as_ptr(),
        kind,
    );
    if below.is_null() {
        return ffi::PyErr_Clear();
    }
    for index in 0..ffi::PyList_Size(below) {
        replace_repr(ffi::PyList_GetItem(below, index).cast(), original, with);
    }
    ffi::Py_DECREF(below);
}

/// Puts `with` in the place of what instances of the type itself begin with, and gives that; None if
/// there is nothing, and nothing is changed. `__init__`, as subclasses call it, stays.
///
/// # Safety
/// The GIL is held, and the type lives for ever.
pub unsafe fn replace_init(kind: Kind, with: Init) -> Option<Init> {
    let original = (*kind).tp_init?;
    (*kind).tp_init = Some(with);
    // Exceptions of 3.14 are made without the slot where this is there.
    (*kind).tp_vectorcall = None;
    Some(original)
}
