//! What a profile function (`sys.setprofile`, cProfile of 3.11) is told of calls of C functions. The
//! interpreter tells it of those that it makes itself; here are those that a hook makes for it.
//!
//! Versions: 3.11 to 3.15, where frames can be read (see `frames`): the fields follow the one by which
//! those are found.
//! Check: that of `frames`, which looks at the field beside these at the start.
//! Elsewhere: nothing is told, nor is `sys.monitoring`, which cProfile has from 3.12 on, on any version.
//! Safe: only the calling thread's own state is read, under the GIL, and nothing is written into it.

use super::frames::readable;
use pyo3::ffi;
use pyo3::Python;
use std::ffi::c_int;
use std::ptr::null_mut;

type Object = *mut ffi::PyObject;

/// Offsets in a thread's state.
struct Fields {
    tracing: usize,
    function: usize,
    object: usize,
}

#[cfg(all(Py_3_11, not(Py_3_13)))]
const FIELDS: Option<Fields> = Some(Fields {
    tracing: 44,
    function: 64,
    object: 80,
});
#[cfg(all(Py_3_13, not(Py_3_15)))]
const FIELDS: Option<Fields> = Some(Fields {
    tracing: 60,
    function: 80,
    object: 96,
});
#[cfg(all(Py_3_15, not(Py_3_16)))]
const FIELDS: Option<Fields> = Some(Fields {
    tracing: 64,
    function: 104,
    object: 120,
});
#[cfg(Py_3_16)]
const FIELDS: Option<Fields> = None;

#[derive(Clone, Copy)]
struct Profiler {
    function: ffi::Py_tracefunc,
    object: Object,
}

/// The one of the calling thread, unless it runs just now.
#[inline]
fn profiler(py: Python<'_>) -> Option<Profiler> {
    let fields = FIELDS?;
    if !readable(py) {
        return None;
    }
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        let state = ffi::PyThreadState_Get().cast::<u8>();
        // SAFETY: a thread's state has these fields there.
        let function = state
            .add(fields.function)
            .cast::<Option<ffi::Py_tracefunc>>()
            .read()?;
        let idle = state.add(fields.tracing).cast::<c_int>().read() == 0;
        let object = state.add(fields.object).cast::<Object>().read();
        idle.then_some(Profiler { function, object })
    }
}

/// Whether the calling thread has a profile function that is to be told of calls.
#[inline]
pub fn watched(py: Python<'_>) -> bool {
    profiler(py).is_some()
}

/// What `call` gives, which calls the function with `first` (null: without an argument), and tells the
/// profile function of it as the interpreter does.
///
/// # Safety
/// `call` gives a new reference, or null with an exception set.
#[cold]
pub unsafe fn told(
    py: Python<'_>,
    function: Object,
    first: Object,
    call: impl FnOnce() -> Object,
) -> Object {
    let Some(profiler) = profiler(py) else {
        return call();
    };
    let Some(told) = native(function, first) else {
        return call();
    };
    let mut result = null_mut();
    if !told.is_null() && said(profiler, ffi::PyTrace_C_CALL, told) {
        result = call();
        result = returned(py, told, result);
    }
    ffi::Py_XDECREF(told);
    result
}

/// The C function that is called, a new reference; null with an exception set if it can't be bound, None if
/// it is no C function.
unsafe fn native(function: Object, first: Object) -> Option<Object> {
    let kind = ffi::Py_TYPE(function);
    if kind == &raw mut ffi::PyCFunction_Type || kind == &raw mut ffi::PyCMethod_Type {
        ffi::Py_INCREF(function);
        return Some(function);
    }
    if kind != &raw mut ffi::PyMethodDescr_Type || first.is_null() {
        return None;
    }
    let bind = (*kind).tp_descr_get?;
    Some(bind(function, first, ffi::Py_TYPE(first).cast()))
}

unsafe fn returned(py: Python<'_>, function: Object, result: Object) -> Object {
    // The call may have set another one, or none.
    let Some(profiler) = profiler(py) else {
        return result;
    };
    if !result.is_null() {
        if said(profiler, ffi::PyTrace_C_RETURN, function) {
            return result;
        }
        ffi::Py_DECREF(result);
        return null_mut();
    }
    let (mut kind, mut value, mut trace) = (null_mut(), null_mut(), null_mut());
    ffi::PyErr_Fetch(&mut kind, &mut value, &mut trace);
    if said(profiler, ffi::PyTrace_C_EXCEPTION, function) {
        ffi::PyErr_Restore(kind, value, trace);
    } else {
        ffi::Py_XDECREF(kind);
        ffi::Py_XDECREF(value);
        ffi::Py_XDECREF(trace);
    }
    null_mut()
}

/// False, with an exception set, if the profile function raised.
unsafe fn said(profiler: Profiler, what: c_int, function: Object) -> bool {
    let frame = ffi::PyEval_GetFrame();
    if frame.is_null() {
        return true;
    }
    let state = ffi::PyThreadState_Get();
    ffi::Py_INCREF(frame.cast());
    ffi::Py_XINCREF(profiler.object);
    ffi::PyThreadState_EnterTracing(state);
    let status = (profiler.function)(profiler.object, frame, what, function);
    ffi::PyThreadState_LeaveTracing(state);
    ffi::Py_XDECREF(profiler.object);
    ffi::Py_DECREF(frame.cast());
    status == 0
}
