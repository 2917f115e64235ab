//! Python code of ours that runs within the program, unseen by it: not by its trace and profile
//! functions, and not in its tracebacks.

use crate::control::controlled;
use crate::cpython::frames;
use crate::primitives;
use crate::record::{alone, sites};
use pyo3::call::PyCallArgs;
use pyo3::exceptions::PyValueError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyDict, PyModule, PyTuple};
use std::ffi::{c_int, c_void, CString};

/// The C calls between the start of a thread and our caller of its function.
const NESTED_CALLS: i32 = 4;

extern "C" {
    fn PyThreadState_EnterTracing(state: *mut ffi::PyThreadState);
    fn PyThreadState_LeaveTracing(state: *mut ffi::PyThreadState);
    fn PyInstanceMethod_New(function: *mut ffi::PyObject) -> *mut ffi::PyObject;
}

/// Runs the body with trace and profile functions off.
pub fn untraced<T>(_py: Python<'_>, body: impl FnOnce() -> T) -> T {
    // SAFETY: the calling thread has a thread state.
    unsafe {
        let state = ffi::PyThreadState_Get();
        PyThreadState_EnterTracing(state);
        let result = body();
        PyThreadState_LeaveTracing(state);
        result
    }
}

/// Which calls of a hook are none: such a one gives the last argument back.
#[derive(Clone, Copy)]
enum Passed {
    None,
    /// Those for an internal primitive, the first argument.
    OfInternal,
    /// Those in a constructor that internal code calls: its first argument becomes internal.
    MadeByInternal,
    /// Those in code that internal code calls, unless under control.
    ByInternal,
    /// Those in code that its own module calls.
    ByOwnModule,
    /// Those where the last argument, an answer, is no.
    Negative,
    /// Those in a constructor that a thread which is alone has called often at the line.
    MadeAlone,
    /// Those of a thread that is alone, for a primitive of which nothing is known.
    Alone,
}

/// `untraced(hook)[arguments]` calls the hook; to a profiler it is no call.
#[pyclass(frozen, name = "untraced", module = "racetrace.tracer._core")]
struct Untraced {
    hook: Py<PyAny>,
    passed: Passed,
}

#[pymethods]
impl Untraced {
    #[new]
    #[pyo3(signature = (hook, passed=""))]
    fn new(hook: Py<PyAny>, passed: &str) -> PyResult<Untraced> {
        let passed = match passed {
            "" => Passed::None,
            "of internal" => Passed::OfInternal,
            "made by internal" => Passed::MadeByInternal,
            "by internal" => Passed::ByInternal,
            "by own module" => Passed::ByOwnModule,
            "negative" => Passed::Negative,
            "made alone" => Passed::MadeAlone,
            "alone" => Passed::Alone,
            _ => return Err(PyValueError::new_err(format!("no such calls: {passed}"))),
        };
        Ok(Untraced { hook, passed })
    }

    fn __getitem__<'py>(&self, arguments: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyAny>> {
        let py = arguments.py();
        match self.is_passed(arguments.as_slice(), py)? {
            true => arguments.get_item(arguments.len() - 1),
            false => call(self.hook.bind(py), arguments),
        }
    }
}

impl Untraced {
    fn is_passed(&self, arguments: &[Bound<'_, PyAny>], py: Python<'_>) -> PyResult<bool> {
        Ok(match (self.passed, arguments) {
            (Passed::OfInternal, [owner, ..]) => primitives::is_internal(owner),
            (Passed::MadeByInternal, [owner, ..]) => primitives::adopt(owner)?,
            (Passed::ByInternal, [_, ..]) => !controlled() && primitives::is_called_internally(py),
            (Passed::ByOwnModule, [_, ..]) => frames::caller_globals(py) == frames::globals(py),
            (Passed::Negative, [.., answer]) => !answer.is_truthy()?,
            (Passed::MadeAlone, [_, ..]) => {
                alone::is_unseen() && alone::has_shown(py, sites::current_site(py))
            }
            (Passed::Alone, [owner, ..]) => {
                alone::is_unseen() && primitives::known(owner).is_none()
            }
            _ => false,
        })
    }
}

/// Calls a function of ours, untraced.
pub fn call<'py>(
    function: &Bound<'py, PyAny>,
    arguments: impl PyCallArgs<'py>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = function.py();
    // A signal that has come is handled before the function, not within it.
    py.check_signals()?;
    untraced(py, || function.call1(arguments)).inspect_err(|error| without_ours(py, error))
}

/// The error without the frames that its traceback begins with as far as they are ours, or the
/// standard library's below us: what a signal handler raises comes up anywhere.
fn without_ours(py: Python<'_>, error: &PyErr) {
    let is_ours = |entry: &Bound<'_, PyAny>| -> PyResult<bool> {
        let code = entry.getattr("tb_frame")?.getattr("f_code")?;
        let file: String = code.getattr("co_filename")?.extract()?;
        Ok(sites::is_internal_name(py, file.as_bytes()))
    };
    let mut traceback = error.traceback(py).map(Bound::into_any);
    while let Some(entry) = traceback
        .as_ref()
        .filter(|entry| is_ours(entry).unwrap_or(true))
    {
        traceback = entry.getattr("tb_next").ok().filter(|next| !next.is_none());
    }
    error.set_traceback(py, traceback.and_then(|entry| entry.cast_into().ok()));
}

/// A builtin function that calls `function`, whose frames are in no traceback of what it raises.
/// It is `traced` if trace and profile functions see what it does.
#[pyfunction]
#[pyo3(signature = (name, function, traced=false))]
fn untraced_function<'py>(
    py: Python<'py>,
    name: &str,
    function: Py<PyAny>,
    traced: bool,
) -> PyResult<Bound<'py, PyCFunction>> {
    // The interpreter keeps the name's address.
    let name: &'static std::ffi::CStr = Box::leak(CString::new(name)?.into_boxed_c_str());
    let call = move |args: &Bound<'_, PyTuple>, kwargs: Option<&Bound<'_, PyDict>>| {
        let py = args.py();
        let call = || function.call(py, args, kwargs);
        let result = if traced { call() } else { untraced(py, call) };
        result.inspect_err(|error| without_ours(py, error))
    };
    PyCFunction::new_closure(py, Some(name), None, call)
}

/// A builtin function that calls `function`, for where exceptions are swallowed: what a signal handler
/// raises in the function is raised after it, which is called again to do all that it does.
#[pyfunction]
fn uninterrupted<'py>(py: Python<'py>, function: Py<PyAny>) -> PyResult<Bound<'py, PyCFunction>> {
    let call = move |args: &Bound<'_, PyTuple>, kwargs: Option<&Bound<'_, PyDict>>| {
        let py = args.py();
        function.call(py, args, kwargs).or_else(|error| {
            let result = function.call(py, args, kwargs);
            without_ours(py, &error);
            raise_later(error);
            result
        })
    };
    PyCFunction::new_closure(py, Some(c"uninterrupted"), None, call)
}

/// Raises the error in the main thread, when that runs Python code again.
fn raise_later(error: PyErr) {
    extern "C" fn raise(error: *mut c_void) -> c_int {
        // SAFETY: the error was made by `Box::into_raw`, and the GIL is held.
        unsafe { Box::from_raw(error.cast::<PyErr>()).restore(Python::assume_attached()) };
        -1
    }
    let error = Box::into_raw(Box::new(error));
    // SAFETY: the error is given to the call, or is still its own.
    unsafe {
        if ffi::Py_AddPendingCall(Some(raise), error.cast()) != 0 {
            drop(Box::from_raw(error)); // too many are pending: one of those will be raised
        }
    }
}

/// The method that `untraced_function` makes a function of.
#[pyfunction]
fn untraced_method<'py>(
    py: Python<'py>,
    name: &str,
    function: Py<PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let function = untraced_function(py, name, function, false)?;
    // SAFETY: it is a new reference, or null with an exception set.
    unsafe { Bound::from_owned_ptr_or_err(py, PyInstanceMethod_New(function.as_ptr())) }
}

/// Calls the function as if no Python code were running below it.
#[pyfunction]
fn call_at_bottom(
    py: Python<'_>,
    function: &Bound<'_, PyAny>,
    args: &Bound<'_, PyTuple>,
    kwargs: Option<&Bound<'_, PyDict>>,
) -> PyResult<Py<PyAny>> {
    // SAFETY: the frames below are of this thread.
    unsafe { frames::at_bottom(py, NESTED_CALLS, || function.call(args, kwargs)) }
        .map(Bound::unbind)
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<Untraced>()?;
    m.add_function(wrap_pyfunction!(untraced_function, m)?)?;
    m.add_function(wrap_pyfunction!(untraced_method, m)?)?;
    m.add_function(wrap_pyfunction!(uninterrupted, m)?)?;
    m.add_function(wrap_pyfunction!(call_at_bottom, m)?)
}
