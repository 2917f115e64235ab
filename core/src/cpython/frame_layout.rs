//! Where the interpreter's own frames, threads' states and code objects have what is read of them.
//!
//! Versions: 3.11 to 3.15.
//! Check: `frames::init` holds what is read of the running frame against what the public API says of it.
//! Elsewhere: `KNOWN` is false, and the public API serves.
//! Safe: these are numbers.

pub use by_version::*;

#[cfg(all(Py_3_11, not(Py_3_12)))]
mod by_version {
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
mod by_version {
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
mod by_version {
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
mod by_version {
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
pub const INSTRUCTION: usize = 56;
/// Up to which place a frame's stack is in use while it calls: of 3.14 and newer.
pub const STACK_POINTER: usize = 64;
pub const INSTRUCTION_SIZE: usize = 2;
/// How far the index of the first instruction that is traced lies before a code object's first.
pub const FIRST_TRACEABLE: usize = 16;
pub const OWNED_BY_GENERATOR: u8 = 1;
/// From this `_PyInterpreterFrame.owner` on frames stand for C code between Python frames.
pub const OWNED_BY_C: u8 = 3;
/// In frames of 3.14 and newer the lowest bit says that a reference is borrowed.
pub const BORROWED: usize = if cfg!(Py_3_14) { 1 } else { 0 };

/// Offset of `co_localsplusnames` in a code object, on every version whose layout is known.
pub const LOCALSPLUS_NAMES: usize = 96;
