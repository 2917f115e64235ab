//! The hooks in pools and executors that run once a task, or more.

use super::envelopes::{self, Envelope, Taker};
use super::{ask_for, given, has_to_wait, none, MessageHook, Result};
use crate::control::controlled;
use crate::ops::{self, outcome};
use crate::primitives;
use crate::record::{self, gate, identity, recording, uses, values};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

/// The number of a task's result object; 0 if nothing is recorded.
fn number(hook: &MessageHook, result: &Bound<'_, PyAny>) -> PyResult<u32> {
    match recording() {
        true => hook.number_in(primitives::known(result), result),
        false => Ok(0),
    }
}

/// result, timeout: a thread is about to wait for it
pub fn waiting<'py>(
    _: Python<'_>,
    hook: &MessageHook,
    arguments: &[Bound<'py, PyAny>],
) -> Result<'py> {
    let [result, timeout] = given(arguments)?;
    let py = result.py();
    let number = number(hook, result)?;
    if number != 0 {
        let answer = gate::ask(py, ops::RESULT, number);
        let is_done = || {
            let event = result.getattr(intern!(py, "_event"))?;
            event.getattr(intern!(py, "_flag"))?.is_truthy()
        };
        if has_to_wait(answer, is_done)? {
            ask_for(py, number, b"result", !timeout.is_none());
        }
    }
    Ok(none(py))
}

/// result, whether the task has been done, what came out: a thread is told
pub fn told<'py>(
    py: Python<'_>,
    hook: &MessageHook,
    arguments: &[Bound<'py, PyAny>],
) -> Result<'py> {
    let [result, done, value] = given(arguments)?;
    let number = number(hook, result)?;
    if number != 0 {
        emit_outcome(py, ops::RESULT, number, done, value)?;
    }
    Ok(none(result.py()))
}

/// Records what came out of a task: its result, or the type of its error.
fn emit_outcome(
    py: Python<'_>,
    op: u8,
    number: u32,
    done: &Bound<'_, PyAny>,
    value: &Bound<'_, PyAny>,
) -> PyResult<()> {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        if done.is_truthy()? {
            let value = || values::encode(py, value.as_ptr(), values::SHORT);
            record::emit(py, op, number, outcome::OK, value);
        } else {
            let name = value.get_type().name()?;
            let name = name.to_string_lossy();
            record::emit(py, op, number, outcome::RAISED, || {
                values::text(py, name.as_bytes())
            });
        }
    }
    Ok(())
}

/// results by job, task: a pool's thread is about to give it to the workers
pub fn giving<'py>(
    py: Python<'_>,
    hook: &MessageHook,
    arguments: &[Bound<'py, PyAny>],
) -> Result<'py> {
    let [results, task] = given(arguments)?;
    let job = task.cast::<PyTuple>()?.get_item(0)?;
    // Nobody waits any more for a result that is not there; an envelope may be left of a task that could
    // not be sent.
    let envelope = match results.cast::<PyDict>()?.get_item(job)? {
        Some(result) => envelope(py, hook, &result)?,
        None => None,
    };
    let given = step(py, GIVEN, 0);
    envelopes::gives(envelope.map(|envelope| Envelope { given, ..envelope }));
    Ok(none(task.py()))
}

/// What STEPs are on with which a task is given to the workers, taken from them or by one, and a worker's
/// answer is sent.
const GIVEN: &str = "task given";
pub const TAKEN: &str = "task taken";
pub const ANSWERED: &str = "task answered";

/// Records a step of this use of the calling thread, which the event `link` (0: none) let happen.
pub fn step(py: Python<'_>, use_of: &str, link: u64) -> u64 {
    let object = uses::object(py, use_of);
    record::emit(py, ops::STEP, object, outcome::OK, || values::link(link))
}

/// What a worker has to be told of a task: its SUBMIT, and its key.
fn envelope(
    py: Python<'_>,
    hook: &MessageHook,
    result: &Bound<'_, PyAny>,
) -> PyResult<Option<Envelope>> {
    let number = number(hook, result)?;
    let Some(known) = primitives::known(result).filter(|_| number != 0) else {
        return Ok(None);
    };
    let key = identity::share(py, number, "");
    Ok(Some(Envelope {
        seq: known
            .getattr(intern!(result.py(), "submitted"))?
            .extract()?,
        key: String::from_utf8_lossy(key).into_owned(),
        given: 0,
        ..Envelope::default()
    }))
}

/// queue: a worker is about to receive a task from it
pub fn taking<'py>(
    py: Python<'_>,
    _: &MessageHook,
    arguments: &[Bound<'py, PyAny>],
) -> Result<'py> {
    let [queue] = given(arguments)?;
    envelopes::has_begun(0);
    envelopes::will_take(Taker::Worker);
    if controlled() {
        // Which worker takes a task is decided here, before the queue's own lock.

        let taken = uses::object(py, TAKEN);
        match gate::next(py, ops::STEP, taken).is_this() {
            true => gate::before(py, ops::STEP, taken, 0),
            false => gate::before(py, ops::RUN, 0, 0),
        }
    }
    Ok(none(queue.py()))
}

/// queue: a thread that ends a ThreadPool is about to take a task from its workers
pub fn draining<'py>(
    py: Python<'_>,
    _: &MessageHook,
    arguments: &[Bound<'py, PyAny>],
) -> Result<'py> {
    let [queue] = given(arguments)?;
    envelopes::will_take(Taker::Drain);
    let taken = uses::object(py, TAKEN);
    if gate::next(py, ops::STEP, taken).is_this_or(controlled) {
        gate::before(py, ops::STEP, taken, 0);
    }
    Ok(none(queue.py()))
}

/// `queue.SimpleQueue`, whether to wait, for how long: takes an item. Which thread has taken which of a
/// ThreadPool's tasks is told by a step: they may be recorded in another order than they are taken in,
/// and those of a map look alike.
pub fn take<'py>(
    _: Python<'_>,
    hook: &MessageHook,
    arguments: &[Bound<'py, PyAny>],
) -> Result<'py> {
    let [queue, block, timeout] = given(arguments)?;
    let py = queue.py();
    let item = hook.make.bind(py).call1((queue, block, timeout))?;
    let taker = envelopes::takes();
    if taker != Taker::Nobody && recording() {
        if let Some(given) = primitives::kept(&item, intern!(py, "given")) {
            let given = given.extract()?;
            let seq = item.getattr(intern!(py, "seq"))?.extract()?;
            let key = item.getattr(intern!(py, "key"))?.extract()?;
            step(py, TAKEN, given);
            if taker == Taker::Worker {
                begins(
                    py,
                    &Envelope {
                        seq,
                        key,
                        given,
                        ..Envelope::default()
                    },
                );
            }
        }
    }
    Ok(item)
}

/// A worker has taken the task.
pub fn begins(py: Python<'_>, task: &Envelope) {
    let number = identity::shared(py, &task.key);
    envelopes::has_begun(number);
    record::emit(py, ops::RUN, number, outcome::OK, || values::link(task.seq));
}

/// queue, whether the task has been done with its result or error: a worker is about to say so
pub fn finished<'py>(
    _: Python<'_>,
    hook: &MessageHook,
    arguments: &[Bound<'py, PyAny>],
) -> Result<'py> {
    let [queue, outcome] = given(arguments)?;
    let py = outcome.py();
    let number = envelopes::take_begun();
    if primitives::kept(queue, intern!(py, "_writer")).is_some() {
        envelopes::will_answer();
        finish(py, number, outcome, hook.make.bind(py))?;
    } else {
        envelopes::has_ended(number);
    }
    Ok(none(py))
}

/// `queue.SimpleQueue`, item: puts it. What came out of a ThreadPool's task is recorded before any
/// thread can put another.
pub fn give<'py>(
    py: Python<'_>,
    hook: &MessageHook,
    arguments: &[Bound<'py, PyAny>],
) -> Result<'py> {
    let [queue, item] = given(arguments)?;
    let put = hook.make.bind(item.py());
    match envelopes::take_ended() {
        0 => {}
        number => finish(py, number, &item.cast::<PyTuple>()?.get_item(2)?, put)?,
    }
    put.call1((queue, item))
}

/// A worker's task is done. An error of the type `wrapped` has that of the program as its `exc`.
fn finish(
    py: Python<'_>,
    number: u32,
    outcome: &Bound<'_, PyAny>,
    wrapped: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let [done, value] = given(outcome.cast::<PyTuple>()?.as_slice())?;
    if number == 0 {
        return Ok(());
    }
    let is_wrapped = !done.is_truthy()? && value.get_type().is(wrapped);
    let value = match is_wrapped {
        true => value.getattr(intern!(value.py(), "exc"))?,
        false => value.clone(),
    };
    emit_outcome(py, ops::FINISH, number, done, &value)
}
