//! Python code of ours that runs within the program, unseen by it: not by its trace and profile
//! functions, and not in its tracebacks.

use crate::record::frames;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyDict, PyModule, PyTuple};
use std::ffi::CString;

/// The C calls between the start of a thread and our caller of its function.
const NESTED_CALLS: i32 = 4;

extern "C" {
    fn PyThreadState_EnterTracing(state: *mut ffi::PyThreadState);
    fn PyThreadState_LeaveTracing(state: *mut ffi::PyThreadState);
    fn PyInstanceMethod_New(function: *mut ffi::PyObject) -> *mut ffi::PyObject;
}

/// Runs the body with trace and profile functions off.
pub fn untraced<T>(_py: Python<'_>, body: impl FnOnce() -> T) -> T {
    unsafe {
        let state = ffi::PyThreadState_Get();
        PyThreadState_EnterTracing(state);
        let result = body();
        PyThreadState_LeaveTracing(state);
        result
    }
}

/// `unseen(hook)[arguments]` calls the hook; to a profiler it is no call.
#[pyclass(frozen, name = "unseen", module = "tracer._core")]
struct Unseen {
    hook: Py<PyAny>,
}

#[pymethods]
impl Unseen {
    #[new]
    fn new(hook: Py<PyAny>) -> Unseen {
        Unseen { hook }
    }

    fn __getitem__(&self, arguments: Bound<'_, PyTuple>) -> PyResult<Py<PyAny>> {
        let py = arguments.py();
        untraced(py, || self.hook.call1(py, &arguments))
    }
}

/// A builtin function that calls `function`, whose frames are in no traceback of what it raises.
#[pyfunction]
fn unseen_function<'py>(
    py: Python<'py>,
    name: &str,
    function: Py<PyAny>,
) -> PyResult<Bound<'py, PyCFunction>> {
    // The interpreter keeps the name's address.
    let name: &'static std::ffi::CStr = Box::leak(CString::new(name)?.into_boxed_c_str());
    let file = file_of(function.bind(py).getattr("__code__")?)?;
    let call = move |args: &Bound<'_, PyTuple>, kwargs: Option<&Bound<'_, PyDict>>| {
        let py = args.py();
        untraced(py, || function.call(py, args, kwargs)).inspect_err(|error| {
            let mut traceback = error.traceback(py).map(Bound::into_any);
            while let Some(entry) = &traceback {
                let code = entry.getattr("tb_frame").and_then(|f| f.getattr("f_code"));
                if !code.and_then(file_of).is_ok_and(|other| other == file) {
                    break;
                }
                traceback = entry.getattr("tb_next").ok().filter(|next| !next.is_none());
            }
            error.set_traceback(py, traceback.and_then(|entry| entry.cast_into().ok()));
        })
    };
    PyCFunction::new_closure(py, Some(name), None, call)
}

fn file_of(code: Bound<'_, PyAny>) -> PyResult<String> {
    code.getattr("co_filename")?.extract()
}

/// The method that `unseen_function` makes a function of.
#[pyfunction]
fn unseen_method<'py>(
    py: Python<'py>,
    name: &str,
    function: Py<PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let function = unseen_function(py, name, function)?;
    unsafe { Bound::from_owned_ptr_or_err(py, PyInstanceMethod_New(function.as_ptr())) }
}

/// Calls the function as if no Python code were running below it.
#[pyfunction]
fn call_at_bottom(
    function: &Bound<'_, PyAny>,
    args: &Bound<'_, PyTuple>,
    kwargs: Option<&Bound<'_, PyDict>>,
) -> PyResult<Py<PyAny>> {
    unsafe { frames::at_bottom(NESTED_CALLS, || function.call(args, kwargs)) }.map(Bound::unbind)
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<Unseen>()?;
    m.add_function(wrap_pyfunction!(unseen_function, m)?)?;
    m.add_function(wrap_pyfunction!(unseen_method, m)?)?;
    m.add_function(wrap_pyfunction!(call_at_bottom, m)?)
}
