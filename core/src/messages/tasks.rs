//! The hooks in pools and executors that run once a task, or more.

use super::notes::{self, Note};
use super::{given, none, MessageHook, Result};
use crate::ops::{self, outcome};
use crate::record::{self, gate, identity, recording, values};
use crate::schedule::{controlled, replay};
use crate::states;
use crate::unseen;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

/// The number of a task's result object; 0 if nothing is recorded.
fn number(hook: &MessageHook, result: &Bound<'_, PyAny>) -> PyResult<u32> {
    match recording() {
        true => hook.number_in(states::known(result), result),
        false => Ok(0),
    }
}

/// result, timeout: a thread is about to wait for it
pub fn waiting<'py>(hook: &MessageHook, arguments: &[Bound<'py, PyAny>]) -> Result<'py> {
    let [result, timeout] = given(arguments)?;
    let py = result.py();
    let number = number(hook, result)?;
    if number != 0 {
        unsafe { gate::before(ops::RESULT, number, 0) };
        let waits = match unsafe { replay::exactly() } {
            true => unsafe { replay::expects(ops::REQUEST) },
            false => {
                let event = result.getattr(intern!(py, "_event"))?;
                !event.getattr(intern!(py, "_flag"))?.is_truthy()?
            }
        };
        if waits {
            let how = match timeout.is_none() {
                true => outcome::OK,
                false => outcome::BOUNDED,
            };
            unsafe { record::emit(ops::REQUEST, number, how, || values::text(b"result")) };
        }
    }
    Ok(none(py))
}

/// result, whether the task has been done, what came out: a thread is told
pub fn told<'py>(hook: &MessageHook, arguments: &[Bound<'py, PyAny>]) -> Result<'py> {
    let [result, done, value] = given(arguments)?;
    let number = number(hook, result)?;
    if number != 0 {
        let (how, value) = match done.is_truthy()? {
            true => (outcome::OK, unsafe {
                values::encode(value.as_ptr(), values::SHORT)
            }),
            false => {
                let name = value.get_type().name()?;
                let name = name.to_string_lossy();
                (outcome::RAISED, values::text(name.as_bytes()))
            }
        };
        unsafe { record::emit(ops::RESULT, number, how, || value) };
    }
    Ok(none(result.py()))
}

/// results by job, queue of the workers' answers, task: a pool's thread is about to send it to them
pub fn giving<'py>(hook: &MessageHook, arguments: &[Bound<'py, PyAny>]) -> Result<'py> {
    let [results, answers, task] = given(arguments)?;
    let py = task.py();
    if states::kept(answers, intern!(py, "_reader")).is_some() {
        let job = task.cast::<PyTuple>()?.get_item(0)?;
        // Nobody waits any more for a result that is not there; a note may be left of a task that
        // could not be sent.
        let note = match results.cast::<PyDict>()?.get_item(job)? {
            Some(result) => note(hook, &result)?,
            None => None,
        };
        notes::gives(note);
        unsafe { record::emit(ops::STEP, 0, outcome::OK, || (values::ABSENT, 0)) };
    }
    Ok(none(py))
}

/// What a worker has to be told of a task: its SUBMIT, and its key.
fn note(hook: &MessageHook, result: &Bound<'_, PyAny>) -> PyResult<Option<Note>> {
    let number = number(hook, result)?;
    let Some(known) = states::known(result).filter(|_| number != 0) else {
        return Ok(None);
    };
    let key = unsafe { identity::share(number, "") };
    Ok(Some(Note {
        seq: known
            .getattr(intern!(result.py(), "submitted"))?
            .extract()?,
        key: String::from_utf8_lossy(key).into_owned(),
    }))
}

/// queue: a worker is about to receive a task from it
pub fn taking<'py>(_: &MessageHook, arguments: &[Bound<'py, PyAny>]) -> Result<'py> {
    let [queue] = given(arguments)?;
    notes::will_take();
    if controlled() {
        // Which worker takes a task is decided here, before the queue's own lock.
        unsafe {
            let ends = replay::comes(ops::STEP, 0);
            gate::before(if ends { ops::STEP } else { ops::RUN }, 0, 0);
        }
    }
    Ok(none(queue.py()))
}

/// task: a worker has got it
pub fn taken<'py>(hook: &MessageHook, arguments: &[Bound<'py, PyAny>]) -> Result<'py> {
    let [task] = given(arguments)?;
    // No message has come: the worker is a thread.
    if notes::takes() {
        let number = unseen::call(hook.make.bind(task.py()), (task,))?;
        notes::has_begun(number.extract()?);
    }
    Ok(none(task.py()))
}

/// whether the task has been done, its result or error: a worker is about to say so
pub fn finished<'py>(hook: &MessageHook, arguments: &[Bound<'py, PyAny>]) -> Result<'py> {
    let [outcome] = given(arguments)?;
    let [done, value] = given(outcome.cast::<PyTuple>()?.as_slice())?;
    notes::will_answer();
    match notes::take_begun() {
        0 => {}
        number if done.is_truthy()? => unsafe {
            let value = || values::encode(value.as_ptr(), values::SHORT);
            record::emit(ops::FINISH, number, outcome::OK, value);
        },
        number => {
            unseen::call(hook.make.bind(value.py()), (number, value))?;
        }
    }
    Ok(none(outcome.py()))
}
