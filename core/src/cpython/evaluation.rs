//! The function that evaluates Python frames (PEP 523), in whose place another may stand.
//!
//! Versions: 3.11 to 3.15, where frames can be read (see `frames`): a function that is given a frame has
//! no other use for us. The interpreter's functions are private.
//! Check: a version without one of them does not load this library; who evaluates the frames is asked.
//! Elsewhere: where somebody else does, or frames cannot be read, nothing is put in place and nothing is
//! looked at.
//! Safe: the interpreter's own function is called with what it would have been called with.

use super::frames::{readable, Frame};
use crate::gil::Gil;
use pyo3::ffi;
use pyo3::Python;
use std::ffi::c_int;

type State = *mut ffi::PyThreadState;
type Evaluation = unsafe extern "C" fn(State, Frame, c_int) -> *mut ffi::PyObject;
type Look = unsafe fn(Python<'_>, State, Frame);

extern "C" {
    fn _PyEval_EvalFrameDefault(state: State, frame: Frame, throw: c_int) -> *mut ffi::PyObject;
    fn _PyInterpreterState_GetEvalFrameFunc(state: *mut ffi::PyInterpreterState) -> Evaluation;
    fn _PyInterpreterState_SetEvalFrameFunc(state: *mut ffi::PyInterpreterState, to: Evaluation);
}

static LOOK: Gil<Look> = Gil::new(nothing);

unsafe fn nothing(_: Python<'_>, _: State, _: Frame) {}

/// Has `look` see each frame of the main interpreter that starts from now on. It is called with the
/// GIL held, the calling thread's state and a readable frame. False where that cannot be.
pub fn watch(py: Python<'_>, look: Look) -> bool {
    if !readable(py) {
        return false;
    }
    LOOK.set(py, look);
    exchange(py, _PyEval_EvalFrameDefault, evaluate);
    true
}

/// Looks no more.
pub fn rest(py: Python<'_>) {
    exchange(py, evaluate, _PyEval_EvalFrameDefault);
}

fn exchange(_: Python<'_>, from: Evaluation, to: Evaluation) {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        let interpreter = ffi::PyThreadState_GetInterpreter(ffi::PyThreadState_Get());
        if interpreter == ffi::PyInterpreterState_Main()
            && _PyInterpreterState_GetEvalFrameFunc(interpreter) as usize == from as usize
        {
            _PyInterpreterState_SetEvalFrameFunc(interpreter, to);
        }
    }
}

unsafe extern "C" fn evaluate(state: State, frame: Frame, throw: c_int) -> *mut ffi::PyObject {
    let py = Python::assume_attached();
    if throw == 0 {
        (LOOK.copied(py))(py, state, frame);
    }
    // SAFETY: the interpreter's own arguments, passed on.
    _PyEval_EvalFrameDefault(state, frame, throw)
}
