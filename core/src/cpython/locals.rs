//! What running code has in its local variables and cells.
//!
//! Versions: 3.11 to 3.15, by `frame_layout`.
//! Check: as in `frames`.
//! Elsewhere: nothing is known of them.
//! Safe: only frames of the calling thread are read, which do not end meanwhile.

use super::frame_layout as layout;
use super::frames::{code_of, innermost, keep, load, load_object, Frame};
use crate::gil::Gil;
use crate::text::utf8;
use pyo3::ffi;
use pyo3::Python;
use rustc_hash::FxHashMap;
use std::ptr::null_mut;

/// The cell of the variable `name` of the running frame (borrowed); null if there is none, or
/// where frames cannot be read.
///
/// # Safety
/// `name` is a live `str`.
pub unsafe fn cell_of_current_frame(
    py: Python<'_>,
    name: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    let frame = innermost(py);
    if frame.is_null() {
        return null_mut();
    }
    let code = code_of(frame) as *mut ffi::PyObject;
    let known = CELLS
        .get_or_insert_with(py, FxHashMap::default)
        .get(&(code as usize, name as usize))
        .copied();
    let index = known.unwrap_or_else(|| find_cell(py, code, name));
    if index < 0 {
        return null_mut();
    }
    let cell = load_object(frame, layout::LOCALS + 8 * index as usize) as *mut ffi::PyObject;
    if cell.is_null() || ffi::Py_TYPE(cell) != &raw mut ffi::PyCell_Type {
        return null_mut();
    }
    cell
}

/// What the frame's code has in the local variable; null if there is none, or frames cannot be read. Borrowed.
///
/// # Safety
/// The GIL is held; the frame is one that `walk` visits.
pub unsafe fn local(frame: Frame, name: &[u8]) -> *mut ffi::PyObject {
    if frame.is_null() {
        return null_mut();
    }
    let names: *mut ffi::PyObject = load(code_of(frame) as *const u8, layout::LOCALSPLUS_NAMES);
    let mut places = 0..ffi::PyTuple_GET_SIZE(names);
    match places.find(|&i| utf8(ffi::PyTuple_GET_ITEM(names, i)) == Some(name)) {
        Some(place) => {
            load_object(frame, layout::LOCALS + 8 * place as usize) as *mut ffi::PyObject
        }
        None => null_mut(),
    }
}

/// How many references to the object the running code accounts for: its local variables, and the call or
/// loop that uses the object; 1 where they cannot be read. On 3.11 a comprehension is a function of its
/// own, and its caller may keep the argument.
///
/// # Safety
/// What it is given is live.
pub unsafe fn own_references(py: Python<'_>, object: *mut ffi::PyObject) -> usize {
    let frame = innermost(py);
    if frame.is_null() {
        return 1;
    }
    let names: *mut ffi::PyObject = load(code_of(frame) as *const u8, layout::LOCALSPLUS_NAMES);
    let count = ffi::PyTuple_GET_SIZE(names) as usize;
    let local = |i| load::<*mut ffi::PyObject>(frame, layout::LOCALS + 8 * i);
    let locals = (0..count).filter(|&i| local(i) == object).count();
    let kept = locals > 0
        && layout::IS_ENTRY.is_some_and(|offset| load(frame, offset))
        && load::<u8>(frame, layout::OWNER) != layout::OWNED_BY_GENERATOR
        && local(0) == object
        && utf8(ffi::PyTuple_GET_ITEM(names, 0)) == Some(b".0");
    let used = on_stack(frame, count, object).unwrap_or(1);
    locals + used + usize::from(kept)
}

/// How many references to the object a frame's stack, which lies behind so many local variables, accounts
/// for; None if the object is not there, or up to 3.13, where what is there is a reference.
unsafe fn on_stack(frame: Frame, locals: usize, object: *mut ffi::PyObject) -> Option<usize> {
    if !cfg!(Py_3_14) {
        return None;
    }
    let start = frame as usize + layout::LOCALS + 8 * locals;
    let end = load::<usize>(frame, layout::STACK_POINTER);
    let mut found = None;
    for place in (start..end).step_by(8) {
        let reference = *(place as *const usize);
        if reference & !layout::BORROWED == object as usize {
            *found.get_or_insert(0) += usize::from(reference == object as usize);
        }
    }
    found
}

/// (code, name) to the place among the fast locals; -1 if the code has no such variable.
static CELLS: Gil<Option<FxHashMap<(usize, usize), i32>>> = Gil::new(None);

#[cold]
unsafe fn find_cell(py: Python<'_>, code: *mut ffi::PyObject, name: *mut ffi::PyObject) -> i32 {
    let names: *mut ffi::PyObject = load(code.cast(), layout::LOCALSPLUS_NAMES);
    let mut index = -1;
    for i in 0..ffi::PyTuple_Size(names) {
        if ffi::PyUnicode_Compare(ffi::PyTuple_GetItem(names, i), name) == 0 {
            index = i as i32;
        }
    }
    keep(code as usize);
    ffi::Py_INCREF(name);
    if let Some(mut cells) = CELLS.get_some(py) {
        cells.insert((code as usize, name as usize), index);
    }
    index
}
