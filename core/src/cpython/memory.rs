//! The C structures behind a memoryview and the objects of ctypes: what they are views of. Python code
//! learns the one only of a memoryview that has not been released, and the other by a call of ctypes.
//!
//! Versions: 3.11 to 3.13, whose structures are the same (`PyMemoryViewObject` is in a public header).
//! They are not checked at the start; where another version moves a field, its size or order here is
//! what has to change.

use pyo3::ffi;

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

/// The address of the memory that an object of ctypes stands for.
///
/// # Safety
/// The GIL is held; `object` is one of ctypes.
pub unsafe fn start(object: Object) -> usize {
    // SAFETY: every object of ctypes begins so.
    (*object.cast::<CData>()).start as usize
}

/// The buffer that a memoryview shows.
///
/// # Safety
/// The GIL is held; `object` is a memoryview, which lives as long as the buffer is in use.
pub unsafe fn view<'a>(object: Object) -> &'a ffi::Py_buffer {
    // SAFETY: the caller's.
    &(*object.cast::<MemoryView>()).view
}
