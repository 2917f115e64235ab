//! How an envelope gets past code of the standard library that knows nothing of it.

use super::{trailers, Result};
use crate::cpython::bytesio;
use crate::thread_owned::{Owned, ThreadOwned};
use pyo3::prelude::*;
use std::cell::Cell;

/// What a trailer says: the event that sent the message, and the key of the object it is about.
#[derive(Clone, Default)]
pub struct Envelope {
    pub seq: u64,
    pub key: String,
    /// Of a ThreadPool's task: the STEP with which it was given to the workers.
    pub given: u64,
    /// Of an item: the queue that it was put into.
    pub queue: u32,
}

#[derive(Clone, Copy, Default, PartialEq)]
pub enum Taker {
    #[default]
    Nobody,
    Worker,
    /// A thread that ends the pool, and takes the tasks from the workers.
    Drain,
}

thread_local! {
    /// For the next message that this thread sends.
    static OUTGOING: ThreadOwned<Option<Envelope>> = const { ThreadOwned::new(None) };
    /// For the item that this thread, a queue's feeder, is about to send, and whether the pipe is empty.
    static FED: ThreadOwned<Option<(Envelope, bool)>> = const { ThreadOwned::new(None) };
    /// The queue of the item that this thread, a feeder, sends next.
    static SENDS: Cell<u32> = const { Cell::new(0) };
    /// Of the last message that this thread received.
    static INCOMING: ThreadOwned<Option<Envelope>> = const { ThreadOwned::new(None) };
    /// The object of the task in it, whose RUN has been recorded.
    static BEGUN: Cell<u32> = const { Cell::new(0) };
    /// Why this thread is about to take a pool's task.
    static TAKES: Cell<Taker> = const { Cell::new(Taker::Nobody) };
    /// The object of the task, of which this thread, a ThreadPool's worker, is about to put what came out.
    static ENDED: Cell<u32> = const { Cell::new(0) };
    /// Whether it is about to send what came out of one.
    static ANSWERS: Cell<bool> = const { Cell::new(false) };
}

impl Envelope {
    pub fn of(seq: u64) -> Envelope {
        Envelope {
            seq,
            ..Envelope::default()
        }
    }

    /// The message with its trailer.
    pub fn behind<'py>(&self, message: &Bound<'py, PyAny>) -> Result<'py> {
        let stamped = trailers::stamped(message, self.seq, self.key.as_bytes())?;
        Ok(stamped.into_any())
    }

    /// Takes the trailer off a received message, an `io.BytesIO` whose position is its end.
    pub fn strip(message: &Bound<'_, PyAny>) -> Option<Envelope> {
        let (seq, key, length) = trailers::envelope(bytesio::contents(message))?;
        let envelope = Envelope {
            seq,
            key: String::from_utf8_lossy(key).into_owned(),
            ..Envelope::default()
        };
        bytesio::cut(message, length);
        Some(envelope)
    }
}

pub fn gives(envelope: Option<Envelope>) {
    OUTGOING.put(envelope);
}

pub fn take_outgoing() -> Option<Envelope> {
    OUTGOING.put(None)
}

pub fn feeds(envelope: Option<(Envelope, bool)>) {
    FED.put(envelope);
}

pub fn fed() -> Option<(Envelope, bool)> {
    FED.put(None)
}

pub fn sends(queue: u32) {
    SENDS.set(queue);
}

/// The queue of the item that the thread sends; 0 if it is not recorded.
pub fn sent() -> u32 {
    SENDS.take()
}

pub fn has_come(envelope: Option<Envelope>) {
    INCOMING.put(envelope);
}

pub fn incoming<T>(look: impl FnOnce(Option<&Envelope>) -> T) -> T {
    INCOMING.look(|envelope| look(envelope.as_ref()))
}

pub fn has_begun(task: u32) {
    BEGUN.set(task);
}

pub fn will_take(taker: Taker) {
    TAKES.set(taker);
}

/// Why the thread that has received something has taken it, if it may be a pool's task.
pub fn takes() -> Taker {
    TAKES.take()
}

pub fn has_ended(task: u32) {
    ENDED.set(task);
}

pub fn take_ended() -> u32 {
    ENDED.take()
}

pub fn will_answer() {
    ANSWERS.set(true);
}

/// Whether the thread is a pool's worker that sends what came out of its task.
pub fn answers() -> bool {
    ANSWERS.take()
}

/// The same, and goes on being so.
pub fn is_answer() -> bool {
    ANSWERS.get()
}

#[pyfunction]
fn answers_task() {
    will_answer();
}

#[pyfunction]
fn give_envelope(seq: u64, key: String) {
    gives(Some(Envelope {
        seq,
        key,
        ..Envelope::default()
    }));
}

#[pyfunction]
fn take_envelope() -> Option<(u64, String, u64)> {
    take_outgoing().map(|envelope| (envelope.seq, envelope.key, envelope.given))
}

#[pyfunction]
pub fn take_begun() -> u32 {
    BEGUN.take()
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(give_envelope, m)?)?;
    m.add_function(wrap_pyfunction!(answers_task, m)?)?;
    m.add_function(wrap_pyfunction!(take_envelope, m)?)?;
    m.add_function(wrap_pyfunction!(take_begun, m)?)
}
