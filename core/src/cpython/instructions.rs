//! Which instruction of its bytecode a frame has come to.
//!
//! Versions: 3.11 to 3.15, whose numbers of instructions stand here.
//! Check: none at the start; within a version these numbers never change, as bytecode is kept in files.
//! Elsewhere: none is known.
//! Safe: the bytecode is read through the public API.

use super::frames::Position;
use crate::text::utf8;
use pyo3::ffi;
use std::ffi::CStr;

extern "C" {
    /// The bytecode as it was compiled, before the interpreter has adapted it.
    fn PyCode_GetCode(code: *mut ffi::PyObject) -> *mut ffi::PyObject;
}

/// What fills the room that an instruction keeps data in.
const CACHE: u8 = 0;
#[cfg(not(Py_3_13))]
const SUBSCRIPT: (u8, Option<u8>) = (25, None);
#[cfg(all(Py_3_13, not(Py_3_14)))]
const SUBSCRIPT: (u8, Option<u8>) = (5, None);
/// Since 3.14 it is one of the binary operators, which the argument says.
#[cfg(all(Py_3_14, not(Py_3_15)))]
const SUBSCRIPT: (u8, Option<u8>) = (44, Some(26));
#[cfg(Py_3_15)]
const SUBSCRIPT: (u8, Option<u8>) = (42, Some(26));
const KNOWN: bool = cfg!(not(Py_3_16));
const SIZE: usize = 2;

/// Whether the code is at `object[key]`.
///
/// # Safety
/// The GIL is held; the position comes from a frame that runs.
pub unsafe fn is_subscript(position: Position) -> bool {
    let Ok(at) = usize::try_from(position.at) else {
        return false;
    };
    // SAFETY: the caller's: its code is alive.
    let code = PyCode_GetCode(position.code as *mut ffi::PyObject);
    if code.is_null() {
        ffi::PyErr_Clear();
        return false;
    }
    let size = ffi::PyBytes_Size(code) as usize;
    // SAFETY: these are all bytes of the object, which is held.
    let bytes = std::slice::from_raw_parts(ffi::PyBytes_AsString(code).cast::<u8>(), size);
    let mut coming = bytes
        .chunks_exact(SIZE)
        .take(at / SIZE + 1)
        .rev()
        .map(|pair| (pair[0], pair[1]));
    let found = coming.find(|&(instruction, _)| instruction != CACHE);
    ffi::Py_DECREF(code);
    let (wanted, argument) = SUBSCRIPT;
    let is_it = |(instruction, given): (u8, u8)| {
        instruction == wanted && argument.is_none_or(|argument| argument == given)
    };
    KNOWN && found.is_some_and(is_it)
}

/// Whether the code is that of a function with one of the names.
///
/// # Safety
/// The GIL is held; the position comes from a frame that runs.
pub unsafe fn is_of(position: Position, names: &[&CStr]) -> bool {
    // SAFETY: the caller's: its code is alive.
    let code = position.code as *mut ffi::PyObject;
    let name = ffi::PyObject_GetAttrString(code, c"co_name".as_ptr());
    if name.is_null() {
        ffi::PyErr_Clear();
        return false;
    }
    let found = utf8(name).is_some_and(|text| names.iter().any(|one| one.to_bytes() == text));
    ffi::Py_DECREF(name);
    found
}
