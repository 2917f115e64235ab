//! The hooks in `multiprocessing.queues`.

use super::envelopes::{self, Envelope};
use super::pipes::stamped;
use super::tasks::{self, step, ANSWERED, TAKEN};
use super::{given, none, readable, request, MessageHook, Result};
use crate::control::controlled;
use crate::ops::{self, outcome};
use crate::primitives;
use crate::record::{self, gate, recording, values};
use pyo3::intern;
use pyo3::prelude::*;
use std::collections::VecDeque;

/// What is known of a queue beside its buffer, in which items wait for the feeder thread.
#[pyclass(module = "racetrace.tracer._core")]
struct Envelopes {
    /// What is to ride behind each of the items in the buffer.
    envelopes: VecDeque<Option<Envelope>>,
    /// The queue's semaphore: how many items more may be put. One is counted until after its get.
    free: *mut libc::sem_t,
    most: i32,
    /// Has the semaphore.
    _lock: Py<PyAny>,
}

// The semaphore is made to be shared.
// SAFETY: the semaphore lives as long as the process, and only the holder of the GIL touches the rest.
unsafe impl Send for Envelopes {}
// SAFETY: the semaphore lives as long as the process, and only the holder of the GIL touches the rest.
unsafe impl Sync for Envelopes {}

#[pymethods]
impl Envelopes {
    #[new]
    fn new(lock: Bound<'_, PyAny>) -> PyResult<Envelopes> {
        Ok(Envelopes {
            envelopes: VecDeque::new(),
            free: lock.getattr("handle")?.extract::<usize>()? as *mut libc::sem_t,
            most: lock.getattr("maxvalue")?.extract()?,
            _lock: lock.unbind(),
        })
    }
}

impl Envelopes {
    fn is_full(&self) -> bool {
        self.free() == 0
    }

    /// How many items have been put and not taken.
    fn items(&self) -> usize {
        (self.most - self.free()) as usize
    }

    fn free(&self) -> i32 {
        let mut free = 0;
        // SAFETY: the semaphore lives as long as the queue.
        unsafe { libc::sem_getvalue(self.free, &mut free) };
        free
    }
}

fn envelopes_of<'py>(buffer: &Bound<'py, PyAny>) -> Option<Bound<'py, Envelopes>> {
    let envelopes = primitives::kept(buffer, intern!(buffer.py(), "envelopes"))?;
    envelopes.cast_into().ok()
}

/// Those of a Queue; None if it is a SimpleQueue.
fn envelopes_in<'py>(owner: &Bound<'py, PyAny>) -> Option<Bound<'py, Envelopes>> {
    envelopes_of(&primitives::kept(owner, intern!(owner.py(), "_buffer"))?)
}

fn envelope(
    py: Python<'_>,
    hook: &MessageHook,
    owner: &Bound<'_, PyAny>,
    item: &Bound<'_, PyAny>,
) -> PyResult<Option<Envelope>> {
    Ok(match hook.number(owner)? {
        0 => envelopes::take_outgoing(),
        number => Some(Envelope {
            queue: number,
            // SAFETY: the objects are live.
            ..Envelope::of(unsafe {
                record::emit(py, ops::PUT, number, outcome::OK, || {
                    values::encode(py, item.as_ptr(), values::SHORT)
                })
            })
        }),
    })
}

/// queue, block, timeout
pub fn putting<'py>(
    _: Python<'_>,
    hook: &MessageHook,
    arguments: &[Bound<'py, PyAny>],
) -> Result<'py> {
    let [owner, block, timeout] = given(arguments)?;
    let py = owner.py();
    let number = hook.number(owner)?;
    if number != 0 {
        let has_room =
            || Ok(envelopes_in(owner).is_none_or(|envelopes| !envelopes.borrow().is_full()));
        // The feeder is started while the thread has the queue's locks, unless the first put fails.
        let starts = controlled()
            && owner.getattr(intern!(py, "_thread"))?.is_none()
            && !gate::next(py, ops::PUT, number).is_this();
        let op = if starts { ops::START } else { ops::PUT };
        wait_for(py, op, number, b"put", block, timeout, has_room)?;
    }
    Ok(none(py))
}

/// The gate of an operation that waits if it is to `block`.
fn wait_for(
    py: Python<'_>,
    op: u8,
    number: u32,
    word: &[u8],
    block: &Bound<'_, PyAny>,
    timeout: &Bound<'_, PyAny>,
    ready: impl FnOnce() -> PyResult<bool>,
) -> PyResult<()> {
    if !block.is_truthy()? {
        gate::before(py, op, number, 0);
        return Ok(());
    }
    request(py, op, number, word, !timeout.is_none(), ready)
}

/// queue, item
pub fn put<'py>(
    py: Python<'_>,
    hook: &MessageHook,
    arguments: &[Bound<'py, PyAny>],
) -> Result<'py> {
    let [owner, item] = given(arguments)?;
    if let Some(envelopes) = envelopes_in(owner) {
        let envelope = envelope(py, hook, owner, item)?;
        envelopes.borrow_mut().envelopes.push_back(envelope);
    }
    Ok(none(owner.py()))
}

/// buffer: its first item is about to be fed into the pipe
pub fn feeding<'py>(
    _: Python<'_>,
    _: &MessageHook,
    arguments: &[Bound<'py, PyAny>],
) -> Result<'py> {
    let [buffer] = given(arguments)?;
    let envelope = envelopes_of(buffer).and_then(|envelopes| {
        let mut envelopes = envelopes.borrow_mut();
        let is_empty = envelopes.items() == 1;
        let envelope = envelopes.envelopes.pop_front().flatten()?;
        Some((envelope, is_empty))
    });
    envelopes::feeds(envelope);
    Ok(none(buffer.py()))
}

/// the writing connection's method, message
pub fn fed<'py>(_: Python<'_>, _: &MessageHook, arguments: &[Bound<'py, PyAny>]) -> Result<'py> {
    let [send, message] = given(arguments)?;
    let fed = envelopes::fed();
    envelopes::sends(fed.as_ref().map_or(0, |(envelope, _)| envelope.queue));
    match fed {
        // An empty pipe has room.
        Some((envelope, true)) => envelope.behind(message),
        Some((envelope, false)) => {
            let conn = send.getattr(intern!(send.py(), "__self__"))?;
            stamped(&conn, message, &envelope)
        }
        None => Ok(message.clone()),
    }
}

/// item
pub fn same<'py>(_: Python<'_>, _: &MessageHook, arguments: &[Bound<'py, PyAny>]) -> Result<'py> {
    let [item] = given(arguments)?;
    Ok(item.clone())
}

/// message: a feeder thread is about to send it, and has the lock for that. So the steps are in the
/// order of the messages.
pub fn feeds<'py>(py: Python<'_>, _: &MessageHook, arguments: &[Bound<'py, PyAny>]) -> Result<'py> {
    let [message] = given(arguments)?;
    let queue = envelopes::sent();
    record::emit(py, ops::STEP, queue, outcome::OK, || values::link(0));
    Ok(none(message.py()))
}

/// queue: a thread is about to take the lock in which it sends
pub fn simply_putting<'py>(
    py: Python<'_>,
    hook: &MessageHook,
    arguments: &[Bound<'py, PyAny>],
) -> Result<'py> {
    let [owner] = given(arguments)?;
    let number = hook.number(owner)?;
    let op = if number != 0 { ops::PUT } else { ops::STEP };
    if number != 0 || envelopes::is_answer() {
        gate::before(py, op, number, 0);
    }
    Ok(none(owner.py()))
}

/// queue, message, item: a thread has the lock, as in `feeds`
pub fn simply_put<'py>(
    py: Python<'_>,
    hook: &MessageHook,
    arguments: &[Bound<'py, PyAny>],
) -> Result<'py> {
    let [owner, message, item] = given(arguments)?;
    if envelopes::answers() {
        step(py, ANSWERED, 0);
    }
    match envelope(py, hook, owner, item)? {
        Some(envelope) => {
            let conn = owner.getattr(intern!(owner.py(), "_writer"))?;
            stamped(&conn, message, &envelope)
        }
        None => Ok(message.clone()),
    }
}

/// queue, block, timeout
pub fn getting<'py>(
    _: Python<'_>,
    hook: &MessageHook,
    arguments: &[Bound<'py, PyAny>],
) -> Result<'py> {
    let [owner, block, timeout] = given(arguments)?;
    let py = owner.py();
    let number = hook.number(owner)?;
    if number != 0 {
        let ready =
            || Ok(may_have_come(owner)? && readable(&owner.getattr(intern!(py, "_reader"))?)?);
        wait_for(py, ops::GET, number, b"get", block, timeout, ready)?;
    }
    Ok(none(py))
}

/// Whether an item may be in the queue's pipe: not if all wait in the buffer.
fn may_have_come(owner: &Bound<'_, PyAny>) -> PyResult<bool> {
    let Some(buffer) = primitives::kept(owner, intern!(owner.py(), "_buffer")) else {
        return Ok(true);
    };
    let waiting = buffer.len()?;
    Ok(envelopes_of(&buffer).is_none_or(|envelopes| envelopes.borrow().items() > waiting))
}

/// queue
pub fn got<'py>(
    py: Python<'_>,
    hook: &MessageHook,
    arguments: &[Bound<'py, PyAny>],
) -> Result<'py> {
    let [owner] = given(arguments)?;
    let number = hook.number(owner)?;
    let takes = envelopes::takes();
    {
        if number != 0 {
            let seq = envelopes::incoming(|envelope| envelope.map_or(0, |envelope| envelope.seq));
            record::emit(py, ops::GET, number, outcome::OK, || values::link(seq));
        } else if recording() {
            // A worker has got a task. While it has the queue's lock: so the RUNs are in the order in
            // which the tasks were taken.
            let task = envelopes::incoming(|envelope| {
                envelope
                    .filter(|envelope| !envelope.key.is_empty())
                    .cloned()
            });
            if let Some(task) = task {
                tasks::begins(py, &task);
            } else if takes == envelopes::Taker::Worker {
                // The end of the worker, or a task that nobody waits for any more.
                step(py, TAKEN, 0);
            }
        }
    }
    Ok(none(owner.py()))
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<Envelopes>()
}
