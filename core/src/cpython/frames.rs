//! The running Python code's frames.
//!
//! The public API makes a frame object for every question, which costs more than the event. So the
//! interpreter's own frames are read.
//!
//! Versions: 3.11 to 3.15, by `frame_layout`.
//! Check: `init` holds what is read of the running frame against what the public API says of it.
//! Elsewhere: the public API serves. What it does not tell is not known then: who called (`stacks`), cells,
//! and what code threads run that is not recorded.
//! Safe: only frames of the calling thread are read, which do not end meanwhile.

use super::frame_layout as layout;
use crate::gil::Gil;
use crate::text::utf8;
use pyo3::ffi;
use pyo3::Python;
use std::ptr::null_mut;

/// A frame of the interpreter's own; null where they cannot be read.
pub type Frame = *mut u8;

/// # Safety
/// `base` is a structure of CPython's that has a `T` at the offset.
#[inline(always)]
pub unsafe fn load<T: Copy>(base: *const u8, offset: usize) -> T {
    // SAFETY: the caller's; all offsets are those of `layout`, which `init` has tried out.
    base.add(offset).cast::<T>().read()
}

/// The object of a reference in a frame.
///
/// # Safety
/// As of `load`.
#[inline(always)]
pub unsafe fn load_object(frame: Frame, offset: usize) -> usize {
    load::<usize>(frame, offset) & !layout::BORROWED
}

/// Where the calling thread's state has its innermost frame.
#[inline(always)]
unsafe fn current(state: *mut u8) -> *mut Frame {
    match layout::CFRAME {
        Some((cframe, current)) => load::<*mut u8>(state, cframe).add(current).cast(),
        None => state.add(layout::CURRENT_FRAME).cast(),
    }
}

#[inline(always)]
unsafe fn top() -> Frame {
    running(*current(ffi::PyThreadState_Get().cast()))
}

/// Runs `body` as if no Python code were running below it: the frames that do are hidden, and do
/// not count for the recursion limit. `calls` are the nested C calls among them.
///
/// # Safety
/// The GIL is held. What `body` runs unwinds the frames it has made.
pub unsafe fn at_bottom<T>(py: Python<'_>, calls: i32, body: impl FnOnce() -> T) -> T {
    if !FAST.copied(py) {
        return body();
    }
    let state = ffi::PyThreadState_Get().cast::<u8>();
    let outermost = layout::OUTERMOST.map_or(null_mut(), |offset| load(state, offset));
    let hidden = std::mem::replace(&mut *current(state), outermost);
    let remaining = state.add(layout::RECURSION).cast::<i32>();
    let limit: i32 = load(state, layout::RECURSION + 4);
    let used = limit - *remaining;
    // Where the limit is not in its place, the layout is another one.
    let known = limit == ffi::Py_GetRecursionLimit() && (0..=limit).contains(&used);
    let c_remaining = layout::C_RECURSION.map(|offset| state.add(offset).cast::<i32>());
    if known {
        *remaining += used;
        if let Some(left) = c_remaining {
            *left += calls;
        }
    }
    let result = body();
    if known {
        *remaining -= used;
        if let Some(left) = c_remaining {
            *left -= calls;
        }
    }
    *current(state) = hidden;
    result
}

/// The frame, or the innermost one outside it that is one of Python code which runs. From 3.12 on there
/// are others: those that stand for C code, and one that a call of a class in a hot loop puts between
/// `__init__` and its caller. That has a code without a file, in which it stays before the beginning.
#[inline(always)]
unsafe fn running(mut frame: Frame) -> Frame {
    while cfg!(Py_3_12) && !frame.is_null() && !has_begun(frame) {
        frame = load(frame, layout::PREVIOUS);
    }
    frame
}

#[inline(always)]
unsafe fn has_begun(frame: Frame) -> bool {
    let owner: u8 = load(frame, layout::OWNER);
    if owner >= layout::OWNED_BY_C || owner == layout::OWNED_BY_GENERATOR {
        return owner == layout::OWNED_BY_GENERATOR;
    }
    let code = code_of(frame);
    let first: i32 = load(
        code as *const u8,
        layout::CODE_START - layout::FIRST_TRACEABLE,
    );
    let start = code + layout::CODE_START + layout::INSTRUCTION_SIZE * first as usize;
    load::<usize>(frame, layout::INSTRUCTION) >= start
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Position {
    pub code: usize,
    /// Byte offset of the instruction.
    pub at: i32,
}

/// The running code's frame.
#[inline(always)]
pub fn innermost(py: Python<'_>) -> Frame {
    // SAFETY: the frames are those that run, and keep their code alive.
    unsafe {
        match FAST.copied(py) {
            true => top(),
            false => null_mut(),
        }
    }
}

/// The frame of the Python code that has called that of a frame; null if there is none.
///
/// # Safety
/// The GIL is held; the frame is on the calling thread's stack.
#[inline(always)]
pub unsafe fn caller_of(frame: Frame) -> Frame {
    running(load(frame, layout::PREVIOUS))
}

/// The address of the instruction that the frame's code has come to: another for each code.
///
/// # Safety
/// As of `caller_of`.
#[inline(always)]
pub unsafe fn instruction(frame: Frame) -> usize {
    load(frame, layout::INSTRUCTION)
}

/// # Safety
/// As of `caller_of`.
#[inline(always)]
pub unsafe fn position(frame: Frame) -> Position {
    let code = code_of(frame);
    let at = instruction(frame).wrapping_sub(code + layout::CODE_START) as i32;
    Position { code, at }
}

/// Visits the Python frames from the innermost out until `visit` says stop.
///
/// The GIL is held. `visit` runs no Python code.
#[inline(always)]
pub fn walk(py: Python<'_>, mut visit: impl FnMut(Position, Frame) -> bool) {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        if FAST.copied(py) {
            let mut frame = top();
            while !frame.is_null() {
                if visit(position(frame), frame) {
                    return;
                }
                frame = caller_of(frame);
            }
            return;
        }
        let mut frame = ffi::PyEval_GetFrame();
        ffi::Py_XINCREF(frame.cast());
        while !frame.is_null() {
            let code = ffi::PyFrame_GetCode(frame);
            let position = Position {
                code: code as usize,
                at: ffi::PyFrame_GetLasti(frame),
            };
            let stop = visit(position, null_mut());
            ffi::Py_DECREF(code.cast());
            let back = if stop {
                null_mut()
            } else {
                ffi::PyFrame_GetBack(frame)
            };
            ffi::Py_DECREF(frame.cast());
            frame = back;
        }
    }
}

static FAST: Gil<bool> = Gil::new(false);

/// Chooses the fast way if it gives what the public API gives.
pub fn init(py: Python<'_>) {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        let frame = ffi::PyEval_GetFrame();
        if !layout::KNOWN || frame.is_null() {
            return;
        }
        let code = ffi::PyFrame_GetCode(frame);
        let at = ffi::PyFrame_GetLasti(frame);
        let globals = ffi::PyEval_GetGlobals();
        let found = top();
        let mut same = code_of(found) == code as usize
            && load::<usize>(found, layout::GLOBALS) == globals as usize;
        if same {
            let start = code as usize + layout::CODE_START;
            same = load::<usize>(found, layout::INSTRUCTION).wrapping_sub(start) as i32 == at;
        }
        ffi::Py_DECREF(code.cast());
        FAST.set(py, same);
    }
}

/// Whether the interpreter's own frames can be read.
pub fn readable(py: Python<'_>) -> bool {
    FAST.copied(py)
}

/// How many calls of Python code the thread is nested in.
///
/// # Safety
/// Frames are readable; `state` is the calling thread's.
pub unsafe fn nested(state: *const u8) -> i32 {
    load::<i32>(state, layout::RECURSION + 4) - load::<i32>(state, layout::RECURSION)
}

/// The code object of a frame (borrowed).
///
/// # Safety
/// Frames are readable; `frame` is a live one.
#[inline(always)]
pub unsafe fn code_of(frame: Frame) -> usize {
    load_object(frame, layout::CODE)
}

/// The globals of a frame (borrowed).
///
/// # Safety
/// Frames are readable; `frame` is a live one.
pub unsafe fn globals_of(frame: Frame) -> *mut ffi::PyObject {
    load(frame, layout::GLOBALS)
}

/// Visits the code of the running Python frames from the innermost out until `stop` says so.
#[inline]
pub fn walk_codes(py: Python<'_>, mut stop: impl FnMut(usize) -> bool) {
    walk(py, |position, _| stop(position.code));
}

/// What `look` makes of the file name of a code object, which is kept alive from now on.
///
/// # Safety
/// The GIL is held; `code` comes from `walk_codes`.
pub unsafe fn with_file_of<T>(code: usize, look: impl FnOnce(&[u8]) -> T) -> Option<T> {
    let file = ffi::PyObject_GetAttrString(code as *mut ffi::PyObject, c"co_filename".as_ptr());
    if file.is_null() {
        ffi::PyErr_Clear();
        return None;
    }
    let found = utf8(file).map(look);
    ffi::Py_DECREF(file);
    keep(code);
    found
}

/// Code objects that are keys of a table stay alive, so that their address stays theirs.
///
/// # Safety
/// The GIL is held; `code` is a live code object.
pub unsafe fn keep(code: usize) {
    ffi::Py_INCREF(code as *mut ffi::PyObject);
}

/// The file name of the innermost frame that `pass` (file, qualified name) does not pass over.
pub fn caller(py: Python<'_>, mut pass: impl FnMut(&[u8], &[u8]) -> bool) -> Option<Vec<u8>> {
    let mut found = None;
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        walk(py, |position, _| {
            let code = position.code as *mut ffi::PyObject;
            let file = ffi::PyObject_GetAttrString(code, c"co_filename".as_ptr());
            let name = ffi::PyObject_GetAttrString(code, c"co_qualname".as_ptr());
            if !file.is_null() && !name.is_null() {
                if let (Some(file), Some(name)) = (utf8(file), utf8(name)) {
                    if !pass(file, name) {
                        found = Some(file.to_vec());
                    }
                }
            }
            ffi::Py_XDECREF(file);
            ffi::Py_XDECREF(name);
            found.is_some()
        });
        ffi::PyErr_Clear();
    }

    found
}

/// The running frame's globals (borrowed).
///
/// Python code is running.
#[inline]
pub fn globals(py: Python<'_>) -> *mut ffi::PyObject {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        if FAST.copied(py) {
            let frame = top();
            if !frame.is_null() {
                return load(frame, layout::GLOBALS);
            }
        }
        ffi::PyEval_GetGlobals()
    }
}

/// The globals of the code that has called the running frame's (borrowed); null if there is none.
///
/// Python code is running.
pub fn caller_globals(py: Python<'_>) -> *mut ffi::PyObject {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        if FAST.copied(py) {
            let caller = running(load(top(), layout::PREVIOUS));
            return match caller.is_null() {
                true => null_mut(),
                false => load(caller, layout::GLOBALS),
            };
        }
        let caller = ffi::PyFrame_GetBack(ffi::PyEval_GetFrame());
        if caller.is_null() {
            return null_mut();
        }
        let globals = ffi::PyObject_GetAttrString(caller.cast(), c"f_globals".as_ptr());
        // The frame, which is running, has them.
        ffi::Py_XDECREF(globals);
        ffi::Py_DECREF(caller.cast());
        globals
    }
}
