//! The running Python code's frames.
//!
//! The public API makes a frame object for every question, which costs more than the event. So the
//! interpreter's own frames are read.
//!
//! Versions: 3.11 to 3.15, each with its `layout`.
//! Check: `init` holds what is read of the running frame against what the public API says of it.
//! Elsewhere: the public API serves. What it does not tell is not known then: who called (`stacks`), cells,
//! and what code threads run that is not recorded.
//! Safe: only frames of the calling thread are read, which do not end meanwhile.

use crate::gil::Gil;
use crate::text::utf8;
use pyo3::ffi;
use pyo3::Python;
use rustc_hash::FxHashMap;
use std::ptr::null_mut;

#[cfg(all(Py_3_11, not(Py_3_12)))]
mod layout {
    pub const CFRAME: Option<(usize, usize)> = Some((56, 8));
    pub const CURRENT_FRAME: usize = 0;
    /// Where a thread's state has a frame outside all others, which stands for no code.
    pub const OUTERMOST: Option<usize> = None;
    pub const RECURSION: usize = 32;
    pub const C_RECURSION: Option<usize> = None;
    pub const CODE: usize = 32;
    pub const PREVIOUS: usize = 48;
    pub const GLOBALS: usize = 8;
    pub const OWNER: usize = 69;
    pub const LOCALS: usize = 72;
    /// Whether C code has called the frame's code, so that the caller keeps the arguments meanwhile.
    pub const IS_ENTRY: Option<usize> = Some(68);
    pub const CODE_START: usize = 184;
    pub const KNOWN: bool = true;
}
#[cfg(all(Py_3_12, not(Py_3_13)))]
mod layout {
    pub const CFRAME: Option<(usize, usize)> = Some((56, 0));
    pub const CURRENT_FRAME: usize = 0;
    pub const OUTERMOST: Option<usize> = None;
    pub const RECURSION: usize = 28;
    pub const C_RECURSION: Option<usize> = Some(36);
    pub const CODE: usize = 0;
    pub const PREVIOUS: usize = 8;
    pub const GLOBALS: usize = 24;
    pub const OWNER: usize = 70;
    pub const LOCALS: usize = 72;
    pub const IS_ENTRY: Option<usize> = None;
    pub const CODE_START: usize = 192;
    pub const KNOWN: bool = true;
}
#[cfg(all(Py_3_13, not(Py_3_14)))]
mod layout {
    pub const CFRAME: Option<(usize, usize)> = None;
    pub const CURRENT_FRAME: usize = 72;
    pub const OUTERMOST: Option<usize> = None;
    pub const RECURSION: usize = 44;
    pub const C_RECURSION: Option<usize> = Some(52);
    pub const CODE: usize = 0;
    pub const PREVIOUS: usize = 8;
    pub const GLOBALS: usize = 24;
    pub const OWNER: usize = 70;
    pub const LOCALS: usize = 72;
    pub const IS_ENTRY: Option<usize> = None;
    pub const CODE_START: usize = 200;
    pub const KNOWN: bool = true;
}
#[cfg(Py_3_14)]
mod layout {
    pub const CFRAME: Option<(usize, usize)> = None;
    pub const CURRENT_FRAME: usize = 72;
    pub const OUTERMOST: Option<usize> = if cfg!(Py_3_15) { Some(80) } else { None };
    pub const RECURSION: usize = if cfg!(Py_3_15) { 52 } else { 48 };
    /// C calls are counted no more: how deep the stack may be is an address.
    pub const C_RECURSION: Option<usize> = None;
    pub const CODE: usize = 0;
    pub const PREVIOUS: usize = 8;
    pub const GLOBALS: usize = 24;
    pub const OWNER: usize = 74;
    pub const LOCALS: usize = 80;
    pub const IS_ENTRY: Option<usize> = None;
    pub const CODE_START: usize = 208;
    pub const KNOWN: bool = cfg!(not(Py_3_16));
}
const INSTRUCTION: usize = 56;
/// Up to which place a frame's stack is in use while it calls: of 3.14 and newer.
const STACK_POINTER: usize = 64;
const INSTRUCTION_SIZE: usize = 2;
/// How far the index of the first instruction that is traced lies before a code object's first.
const FIRST_TRACEABLE: usize = 16;
const OWNED_BY_GENERATOR: u8 = 1;
/// From this `_PyInterpreterFrame.owner` on frames stand for C code between Python frames.
const OWNED_BY_C: u8 = 3;
/// In frames of 3.14 and newer the lowest bit says that a reference is borrowed.
const BORROWED: usize = if cfg!(Py_3_14) { 1 } else { 0 };

/// A frame of the interpreter's own; null where they cannot be read.
pub type Frame = *mut u8;

/// # Safety
/// `base` is a structure of CPython's that has a `T` at the offset.
#[inline(always)]
unsafe fn load<T: Copy>(base: *const u8, offset: usize) -> T {
    // SAFETY: the caller's; all offsets are those of `layout`, which `init` has tried out.
    base.add(offset).cast::<T>().read()
}

/// The object of a reference in a frame.
#[inline(always)]
unsafe fn load_object(frame: Frame, offset: usize) -> usize {
    load::<usize>(frame, offset) & !BORROWED
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
    if owner >= OWNED_BY_C || owner == OWNED_BY_GENERATOR {
        return owner == OWNED_BY_GENERATOR;
    }
    let code = code_of(frame);
    let first: i32 = load(code as *const u8, layout::CODE_START - FIRST_TRACEABLE);
    let start = code + layout::CODE_START + INSTRUCTION_SIZE * first as usize;
    load::<usize>(frame, INSTRUCTION) >= start
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
    load(frame, INSTRUCTION)
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
            same = load::<usize>(found, INSTRUCTION).wrapping_sub(start) as i32 == at;
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

/// The cell behind the closure variable `index` (its place among the code's fast locals, as in
/// `co_localsplusnames`) of the running frame; null where frames cannot be read. Borrowed.
///
/// # Safety
/// `index` is less than the number of fast locals of the running code.
#[inline]
unsafe fn fast_local(py: Python<'_>, index: usize) -> *mut ffi::PyObject {
    if !FAST.copied(py) {
        return null_mut();
    }
    let offset = layout::LOCALS + index * std::mem::size_of::<usize>();
    load_object(top(), offset) as *mut ffi::PyObject
}

/// The running frame's code object (borrowed); null where frames cannot be read.
#[inline]
fn code(py: Python<'_>) -> *mut ffi::PyObject {
    if !FAST.copied(py) {
        return null_mut();
    }
    // SAFETY: the frames are those that run, and keep their code alive.
    unsafe { code_of(top()) as *mut ffi::PyObject }
}

/// The cell of the variable `name` of the running frame (borrowed); null if there is none, or
/// where frames cannot be read.
///
/// # Safety
/// `name` is a live `str`.
pub unsafe fn cell_of_current_frame(
    py: Python<'_>,
    name: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    let code = code(py);
    if code.is_null() {
        return null_mut();
    }
    let known = CELLS
        .get_or_insert_with(py, FxHashMap::default)
        .get(&(code as usize, name as usize))
        .copied();
    let index = known.unwrap_or_else(|| find_cell(py, code, name));
    if index < 0 {
        return null_mut();
    }
    let cell = fast_local(py, index as usize);
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
    let names: *mut ffi::PyObject = load(code_of(frame) as *const u8, LOCALSPLUS_NAMES);
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
    let names: *mut ffi::PyObject = load(code_of(frame) as *const u8, LOCALSPLUS_NAMES);
    let count = ffi::PyTuple_GET_SIZE(names) as usize;
    let local = |i| load::<*mut ffi::PyObject>(frame, layout::LOCALS + 8 * i);
    let locals = (0..count).filter(|&i| local(i) == object).count();
    let kept = locals > 0
        && layout::IS_ENTRY.is_some_and(|offset| load(frame, offset))
        && load::<u8>(frame, layout::OWNER) != OWNED_BY_GENERATOR
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
    let end = load::<usize>(frame, STACK_POINTER);
    let mut found = None;
    for place in (start..end).step_by(8) {
        let reference = *(place as *const usize);
        if reference & !BORROWED == object as usize {
            *found.get_or_insert(0) += usize::from(reference == object as usize);
        }
    }
    found
}

/// (code, name) to the place among the fast locals; -1 if the code has no such variable.
static CELLS: Gil<Option<FxHashMap<(usize, usize), i32>>> = Gil::new(None);

/// Offset of `co_localsplusnames` in a code object, on every version whose layout is known.
const LOCALSPLUS_NAMES: usize = 96;

#[cold]
unsafe fn find_cell(py: Python<'_>, code: *mut ffi::PyObject, name: *mut ffi::PyObject) -> i32 {
    let names: *mut ffi::PyObject = load(code.cast(), LOCALSPLUS_NAMES);
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
