//! The C structures behind a memoryview and the objects of ctypes: what they are views of. Python code
//! learns the one only of a memoryview that has not been released, and the other by a call of ctypes.
//!
//! Versions: 3.11 to 3.15, whose structures begin alike (`PyMemoryViewObject` is in a public header).
//! Check: the type is as large as the structure at least.
//! Elsewhere: a view of nothing, and a place of 0: parts of memory are not told apart.
//! Safe: only fields inside the object are read.

use pyo3::ffi;
use std::mem::size_of;
use std::ptr::null_mut;

type Object = *mut ffi::PyObject;

/// What every object of ctypes begins with (`CDataObject` of `ctypes.h`).
#[repr(C)]
struct CData {
    base: ffi::PyObject,
    start: *mut u8,
}

/// What a memoryview is, up to its buffer (`PyMemoryViewObject`).
#[repr(C)]
struct MemoryView {
    base: ffi::PyVarObject,
    managed: Object,
    hash: ffi::Py_hash_t,
    flags: std::ffi::c_int,
    exports: ffi::Py_ssize_t,
    view: ffi::Py_buffer,
}

unsafe fn is_as_large<T>(object: Object) -> bool {
    (*ffi::Py_TYPE(object)).tp_basicsize >= size_of::<T>() as isize
}

/// The address of the memory that an object of ctypes stands for.
///
/// # Safety
/// The GIL is held; `object` is one of ctypes.
pub unsafe fn start(object: Object) -> usize {
    match is_as_large::<CData>(object) {
        // SAFETY: the object is as large as the structure.
        true => (*object.cast::<CData>()).start as usize,
        false => 0,
    }
}

/// The buffer that a memoryview shows; None where that is not known.
///
/// # Safety
/// The GIL is held; `object` is a memoryview, which lives as long as the buffer is in use.
pub unsafe fn view<'a>(object: Object) -> Option<&'a ffi::Py_buffer> {
    // SAFETY: the object is as large as the structure.
    is_as_large::<MemoryView>(object).then(|| &(*object.cast::<MemoryView>()).view)
}

/// The object whose memory a memoryview shows (borrowed); null if it is of none, or that is not known.
///
/// # Safety
/// As of `view`.
pub unsafe fn owner(object: Object) -> Object {
    view(object).map_or(null_mut(), |view| view.obj)
}
