//! Signals that the program handles: that a handler begins is a STEP of the main thread, whose value is
//! the signal's number. So a replay has it between the same two events, also where it interrupts code that runs.

use crate::control::{self, alarms, Wait, Woken};
use crate::cpython::methods::{replace, Fast, TwoArguments};
use crate::gil::Gil;
use crate::ops::{self, outcome};
use crate::record::{self, alone, gate, uses, values};
use crate::traffic::steps::{self, Told};
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use pyo3::{ffi, PyErr, PyTypeInfo};
use std::cell::Cell;
use std::ptr::null_mut;

type Object = *mut ffi::PyObject;

/// What the STEPs of waits for any signal are on.
const PAUSE: &str = "pause";

thread_local! {
    /// How many handlers have begun in the thread.
    static BEGUN: Cell<u32> = const { Cell::new(0) };
}

/// In the place of a handler of the program's.
#[pyclass(frozen, module = "racetrace.tracer._core")]
struct Handler {
    function: Py<PyAny>,
}

#[pymethods]
impl Handler {
    #[pyo3(signature = (*arguments))]
    fn __call__<'py>(&self, arguments: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyAny>> {
        let py = arguments.py();
        let number: i32 = arguments.get_item(0)?.extract()?;
        match begins(py, number) {
            true => self.function.bind(py).call1(arguments.clone()),
            false => Ok(py.None().into_bound(py)),
        }
    }
}

/// Records that the handler begins. Whether it does: in a replay a signal that comes at another time
/// than in the recording is none.
fn begins(py: Python<'_>, number: i32) -> bool {
    if !record::recording() {
        return true;
    }
    let object = uses::object(py, uses::SIGNAL);
    let settled = gate::is_settled(py);
    if settled && gate::next(py, ops::STEP, object).count() != Some(number.into()) {
        return false;
    }
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        if number == libc::SIGALRM {
            match settled {
                true => alarms::end_once(),
                false => alarms::came(py),
            }
        }
    }
    gate::before(py, ops::STEP, object, 0);
    record::event(
        py,
        ops::STEP,
        object,
        outcome::OK,
        values::INT,
        number as u64,
    );
    BEGUN.set(BEGUN.get() + 1);
    true
}

/// The program's handler that one of ours stands for; takes the reference that it is given.
unsafe fn meant(handler: Object) -> Object {
    let ours = Python::attach(Handler::type_object_raw);
    if handler.is_null() || ffi::Py_TYPE(handler) != ours {
        return handler;
    }
    let py = Python::assume_attached();
    let bound = Bound::from_owned_ptr(py, handler);
    match bound.cast::<Handler>() {
        Ok(ours) => ours.get().function.clone_ref(py).into_ptr(),
        Err(_) => null_mut(),
    }
}

static PAUSED: Gil<Option<TwoArguments>> = Gil::new(None);
static SIGNAL: Gil<Option<Fast>> = Gil::new(None);
static GETSIGNAL: Gil<Option<TwoArguments>> = Gil::new(None);
static ALARM: Gil<Option<TwoArguments>> = Gil::new(None);
static SETITIMER: Gil<Option<Fast>> = Gil::new(None);
static GETITIMER: Gil<Option<TwoArguments>> = Gil::new(None);

unsafe extern "C-unwind" fn signal(module: Object, given: *const Object, count: isize) -> Object {
    let py = Python::assume_attached();
    let Some(original) = SIGNAL.copied(py) else {
        return null_mut();
    };
    let handler = match count {
        2 => *given.add(1),
        _ => return original(module, given, count),
    };
    // The numbers of SIG_DFL and SIG_IGN are no functions.
    if !record::recording() || ffi::PyCallable_Check(handler) == 0 {
        let before = meant(original(module, given, count));
        return noted(py, *given, before, false);
    }
    let py = Python::assume_attached();
    let function = Bound::from_borrowed_ptr(py, handler).unbind();
    match Bound::new(py, Handler { function }) {
        Ok(ours) => {
            let before = meant(original(module, [*given, ours.as_ptr()].as_ptr(), 2));
            noted(py, *given, before, !is_native(handler))
        }
        Err(error) => {
            error.restore(py);
            null_mut()
        }
    }
}

/// Whether nothing of the program's runs in the handler: that of Ctrl-C which only raises.
unsafe fn is_native(handler: Object) -> bool {
    ffi::Py_TYPE(handler) == &raw mut ffi::PyCFunction_Type
}

/// `before`, what the handler was; null if it was not changed.
unsafe fn noted(py: Python<'_>, signal: Object, before: Object, handles: bool) -> Object {
    if !before.is_null() {
        let signal = ffi::PyLong_AsLong(signal);
        alone::handles(py, signal as i32, handles);
    }
    before
}

unsafe extern "C-unwind" fn getsignal(module: Object, number: Object) -> Object {
    let py = Python::assume_attached();
    match GETSIGNAL.copied(py) {
        Some(original) => meant(original(module, number)),
        None => null_mut(),
    }
}

/// What was left of the clock that sends SIGALRM, and its interval, in seconds: as in the recording.
fn left(py: Python<'_>, ask: impl FnOnce() -> Option<(f64, f64)>) -> Option<(f64, f64)> {
    if !record::recording() {
        return ask();
    }
    let told = steps::turn(py, "alarm");
    let answer = ask()?;
    let answer = match told {
        Some(Told::Came(words)) => {
            let mut words = words.split(' ').filter_map(|word| word.parse().ok());
            words.next().zip(words.next()).unwrap_or(answer)
        }
        _ => answer,
    };
    steps::step(py, "alarm", &format!("{} {}", answer.0, answer.1));
    Some(answer)
}

/// The two numbers of a call's result, whose reference is taken; None with an exception.
unsafe fn both(result: Object) -> Option<(f64, f64)> {
    if result.is_null() {
        return None;
    }
    let number = |at| ffi::PyFloat_AsDouble(ffi::PyTuple_GetItem(result, at));
    let numbers = (number(0), number(1));
    ffi::Py_DECREF(result);
    Some(numbers)
}

fn pair(_: Python<'_>, numbers: Option<(f64, f64)>) -> Object {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        match numbers {
            Some((left, interval)) => ffi::Py_BuildValue(c"(dd)".as_ptr(), left, interval),
            None => null_mut(),
        }
    }
}

unsafe fn seconds(number: Object) -> Option<f64> {
    let seconds = ffi::PyFloat_AsDouble(number);
    let failed = !ffi::PyErr_Occurred().is_null();
    ffi::PyErr_Clear();
    (!failed && seconds >= 0.0).then_some(seconds)
}

unsafe extern "C-unwind" fn alarm(module: Object, argument: Object) -> Object {
    let py = Python::assume_attached();
    let Some(original) = ALARM.copied(py) else {
        return null_mut();
    };
    let asked = seconds(argument);
    let result = left(py, || {
        let result = original(module, argument);
        if result.is_null() {
            return None;
        }
        let real = ffi::PyFloat_AsDouble(result);
        ffi::Py_DECREF(result);
        let virtual_left = asked.and_then(|asked| alarms::set(py, asked, 0.0));
        Some((virtual_left.map_or(real, |(left, _)| left.ceil()), 0.0))
    });
    match result {
        Some((left, _)) => ffi::PyLong_FromDouble(left),
        None => null_mut(),
    }
}

unsafe extern "C-unwind" fn setitimer(
    module: Object,
    given: *const Object,
    count: isize,
) -> Object {
    let py = Python::assume_attached();
    let Some(original) = SETITIMER.copied(py) else {
        return null_mut();
    };
    let which = match count {
        2 | 3 => ffi::PyLong_AsLong(*given),
        _ => -1,
    };
    ffi::PyErr_Clear();
    if which != libc::ITIMER_REAL as libc::c_long {
        return original(module, given, count);
    }
    let delay = seconds(*given.add(1));
    let interval = match count {
        3 => seconds(*given.add(2)),
        _ => Some(0.0),
    };
    let result = left(py, || {
        let real = both(original(module, given, count))?;
        let asked = delay.zip(interval);
        Some(
            asked
                .and_then(|(delay, interval)| alarms::set(py, delay, interval))
                .unwrap_or(real),
        )
    });
    pair(py, result)
}

unsafe extern "C-unwind" fn getitimer(module: Object, which: Object) -> Object {
    let py = Python::assume_attached();
    let Some(original) = GETITIMER.copied(py) else {
        return null_mut();
    };
    let number = ffi::PyLong_AsLong(which);
    ffi::PyErr_Clear();
    if number != libc::ITIMER_REAL as libc::c_long {
        return original(module, which);
    }
    pair(
        py,
        left(py, || {
            let real = both(original(module, which))?;
            Some(alarms::left(py).unwrap_or(real))
        }),
    )
}

/// `signal.pause`. That it is about to wait is a STEP, so that a replay has the handler run in the wait, which ends
/// by that.
unsafe extern "C-unwind" fn pause(module: Object, unused: Object) -> Object {
    let py = Python::assume_attached();
    let Some(original) = PAUSED.copied(py) else {
        return null_mut();
    };
    if !record::recording() {
        return original(module, unused);
    }
    let object = uses::object(py, PAUSE);
    gate::before(py, ops::STEP, object, 0);
    record::event(py, ops::STEP, object, outcome::OK, values::ABSENT, 0);
    let result = match control::is_main(py) {
        true => await_signal(py, || original(module, unused)),
        false => original(module, unused),
    };
    if result.is_null() {
        // In a replay it may have come before its turn.
        let error = PyErr::take(Python::assume_attached());
        gate::before(py, ops::STEP, object, 0);
        if let Some(error) = error {
            error.restore(Python::assume_attached());
        }
        steps::failed(py, PAUSE);
    }
    result
}

/// Waits under control until a signal has come; null if its handler raised.
fn await_signal(py: Python<'_>, original: impl FnOnce() -> Object) -> Object {
    let begun = BEGUN.get();
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        loop {
            match control::block(py, Wait::default()) {
                Woken::Interrupted if ffi::PyErr_CheckSignals() < 0 => return null_mut(),
                // In a replay one that is none of the recording's is none here.
                Woken::Interrupted if gate::is_settled(py) && BEGUN.get() == begun => {}
                Woken::Interrupted => return ffi::Py_NewRef(ffi::Py_None()),
                Woken::Alone | Woken::Uncontrolled => return original(),
                Woken::Changed | Woken::TimedOut => {}
            }
        }
    }
}

/// Replaces the functions; a second call does nothing.
pub fn install(py: Python<'_>) {
    if SIGNAL.copied(py).is_some() {
        return;
    }
    // SAFETY: the GIL is held; what is put in has the form of what it replaces.
    unsafe {
        let module = ffi::PyImport_ImportModule(c"_signal".as_ptr());
        replace::<Fast>(py, module, c"signal", ffi::METH_FASTCALL, &SIGNAL, signal);
        replace::<TwoArguments>(py, module, c"pause", ffi::METH_NOARGS, &PAUSED, pause);
        replace::<Fast>(
            py,
            module,
            c"setitimer",
            ffi::METH_FASTCALL,
            &SETITIMER,
            setitimer,
        );
        let one: [(_, _, TwoArguments); 3] = [
            (c"getsignal", &GETSIGNAL, getsignal),
            (c"alarm", &ALARM, alarm),
            (c"getitimer", &GETITIMER, getitimer),
        ];
        for (name, original, with) in one {
            replace(py, module, name, ffi::METH_O, original, with);
        }
        // A function that this Python does not have, or has in another form, stays as it is.
        ffi::PyErr_Clear();
    }
}
