//! How a note gets past code of the standard library that knows nothing of it.

use super::{bytesio, trailers, Result};
use pyo3::prelude::*;
use std::cell::{Cell, RefCell};

/// What a trailer says: the event that sent the message, and the key of the object it is about.
#[derive(Clone)]
pub struct Note {
    pub seq: u64,
    pub key: String,
}

thread_local! {
    /// For the next message that this thread sends.
    static OUTGOING: RefCell<Option<Note>> = const { RefCell::new(None) };
    /// For the item that this thread, a queue's feeder, is about to send, and whether the pipe is empty.
    static FED: RefCell<Option<(Note, bool)>> = const { RefCell::new(None) };
    /// Of the last message that this thread received.
    static INCOMING: RefCell<Option<Note>> = const { RefCell::new(None) };
    /// The object of the task in it, whose RUN has been recorded.
    static BEGUN: Cell<u32> = const { Cell::new(0) };
    /// Whether this thread, a pool's worker, is about to receive a task.
    static TAKES: Cell<bool> = const { Cell::new(false) };
    /// Whether it is about to send what came out of one.
    static ANSWERS: Cell<bool> = const { Cell::new(false) };
}

impl Note {
    pub fn of(seq: u64) -> Note {
        Note {
            seq,
            key: String::new(),
        }
    }

    /// The message with its trailer.
    pub fn behind<'py>(&self, message: &Bound<'py, PyAny>) -> Result<'py> {
        let stamped = trailers::stamped(message, self.seq, self.key.as_bytes())?;
        Ok(stamped.into_any())
    }

    /// Takes the trailer off a received message, an `io.BytesIO` whose position is its end.
    pub fn strip(message: &Bound<'_, PyAny>) -> Option<Note> {
        let (seq, key, length) = trailers::note(bytesio::contents(message))?;
        let note = Note {
            seq,
            key: String::from_utf8_lossy(key).into_owned(),
        };
        bytesio::cut(message, length);
        Some(note)
    }
}

pub fn gives(note: Option<Note>) {
    OUTGOING.set(note);
}

pub fn take_outgoing() -> Option<Note> {
    OUTGOING.take()
}

pub fn feeds(note: Option<(Note, bool)>) {
    FED.set(note);
}

pub fn fed() -> Option<(Note, bool)> {
    FED.take()
}

pub fn has_come(note: Option<Note>) {
    INCOMING.set(note);
}

pub fn incoming<T>(look: impl FnOnce(Option<&Note>) -> T) -> T {
    INCOMING.with_borrow(|note| look(note.as_ref()))
}

pub fn has_begun(task: u32) {
    BEGUN.set(task);
}

pub fn will_take() {
    BEGUN.set(0);
    TAKES.set(true);
}

/// Whether the thread that has received a message is a pool's worker, that takes a task.
pub fn takes() -> bool {
    TAKES.take()
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
fn give_note(seq: u64, key: String) {
    gives(Some(Note { seq, key }));
}

#[pyfunction]
fn take_note() -> String {
    take_outgoing().map_or_else(String::new, |note| note.key)
}

#[pyfunction]
pub fn take_begun() -> u32 {
    BEGUN.take()
}

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(give_note, m)?)?;
    m.add_function(wrap_pyfunction!(answers_task, m)?)?;
    m.add_function(wrap_pyfunction!(take_note, m)?)?;
    m.add_function(wrap_pyfunction!(take_begun, m)?)
}
