//! `exec` and `eval` of a text among the globals of the module that calls them: the text is compiled
//! as the module was, rewritten.

use super::hook::{Hook, Object};
use super::objects::forward;
use super::Held;
use crate::gil::Gil;
use crate::record::{memory, recording};
use pyo3::exceptions::PyWarning;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyList;
use std::ffi::CStr;
use std::ptr::null_mut;

/// `tracer.instrument.texts.compile_text`.
static COMPILER: Gil<Object> = Gil::new(null_mut());

/// Whether the function is `eval`; None if it is neither that nor `exec`.
unsafe fn evaluates(function: Object) -> Option<bool> {
    if ffi::Py_TYPE(function) != &raw mut ffi::PyCFunction_Type {
        return None;
    }
    let function = function.cast::<ffi::PyCFunctionObject>();
    let owner = (*function).m_self;
    if owner.is_null() || ffi::PyModule_Check(owner) == 0 {
        return None;
    }
    match CStr::from_ptr((*(*function).m_ml).ml_name).to_bytes() {
        b"eval" => Some(true),
        b"exec" => Some(false),
        _ => None,
    }
}

/// Whether the text would run among the caller's globals, and nowhere else.
unsafe fn is_among_globals(args: *const Object, count: isize, flags: i32) -> bool {
    let own = ffi::PyEval_GetGlobals();
    let given = |index| match index < count && *args.offset(index) != ffi::Py_None() {
        true => *args.offset(index),
        false => null_mut(),
    };
    let locals = match (given(2), given(3)) {
        (globals, _) if !globals.is_null() && globals != own => return false,
        (_, locals) if !locals.is_null() => locals,
        (globals, _) if !globals.is_null() => globals,
        // A function has locals of its own; the code of a class has, too.
        _ if flags & ffi::CO_OPTIMIZED != 0 => return false,
        _ => ffi::PyEval_GetLocals(),
    };
    locals == own
}

/// `co_flags` of the caller's code.
fn flags_of_caller(_: Python<'_>) -> i32 {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        let code = Held(ffi::PyFrame_GetCode(ffi::PyEval_GetFrame()).cast());
        let flags = Held(ffi::PyObject_GetAttrString(code.0, c"co_flags".as_ptr()));
        ffi::PyLong_AsLong(flags.0) as i32
    }
}

/// The code of the text; null if it is not to be rewritten, or with an exception.
unsafe fn compiled(py: Python<'_>, hook: &Hook, args: *const Object, count: isize) -> Object {
    let Some(evaluated) = evaluates(*args) else {
        return null_mut();
    };
    let text = *args.add(1);
    let plain = ffi::Py_TYPE(text) == &raw mut ffi::PyUnicode_Type;
    let flags = flags_of_caller(py);
    if !plain || !is_among_globals(args, count, flags) {
        return null_mut();
    }
    let code = ffi::PyObject_CallFunction(
        COMPILER.copied(py),
        c"OOOii".as_ptr(),
        text,
        ffi::PyEval_GetGlobals(),
        hook.module,
        i32::from(evaluated),
        flags,
    );
    if code == ffi::Py_None() {
        ffi::Py_DECREF(code);
        return null_mut();
    }
    code
}

/// `hook(exec, text[, globals[, locals]])`, and of `eval`.
pub unsafe extern "C" fn call_text(
    this: Object,
    args: *const Object,
    count: usize,
    keywords: Object,
) -> Object {
    let py = Python::assume_attached();
    let count = ffi::PyVectorcall_NARGS(count);
    let known = recording() && memory() && !COMPILER.copied(py).is_null();
    if !known || !keywords.is_null() || !(2..=4).contains(&count) {
        return forward(py, args, count, keywords);
    }
    let code = compiled(py, &*this.cast::<Hook>(), args, count);
    if code.is_null() {
        return match ffi::PyErr_Occurred().is_null() {
            true => forward(py, args, count, keywords),
            false => null_mut(),
        };
    }
    let mut given = [null_mut(); 4];
    for (index, argument) in given.iter_mut().enumerate().take(count as usize) {
        *argument = *args.add(index);
    }
    given[1] = code;
    let result = forward(py, given.as_ptr(), count, keywords);
    ffi::Py_DECREF(code);
    result
}

/// Tells what compiles texts.
#[pyfunction]
fn set_text_compiler(py: Python<'_>, function: Py<PyAny>) {
    COMPILER.set(py, function.into_ptr());
}

/// What the builtin `compile` gives, with an action of the `warnings` module for each warning. No other
/// thread can warn meanwhile, and what the module has shown already is not forgotten.
#[pyfunction]
fn compile_warning<'py>(
    source: &Bound<'py, PyAny>,
    filename: &Bound<'py, PyAny>,
    mode: &str,
    flags: i32,
    action: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let py = source.py();
    let warnings = py.import("warnings")?;
    let compile = py.import("builtins")?.getattr("compile")?;
    let all = (action, py.None(), py.get_type::<PyWarning>(), py.None(), 0);
    let filters = PyList::new(py, [all])?;
    let before = warnings.getattr("filters")?;
    warnings.setattr("filters", filters)?;
    let result = compile.call1((source, filename, mode, flags, true));
    warnings.setattr("filters", before)?;
    result
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(compile_warning, m)?)?;
    m.add_function(wrap_pyfunction!(set_text_compiler, m)?)
}
