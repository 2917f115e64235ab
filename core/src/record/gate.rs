//! The gate that every operation of the program passes, and where a controller comes in: what has
//! this process under control is told of every operation before it is done, and of every event. What
//! waits, or is told something, asks the gate and obeys: it need not know who answers.

use super::buffer::Made;
use crate::model::Value;
use pyo3::Python;
use std::ptr::{from_ref, null_mut};
use std::sync::atomic::{AtomicPtr, Ordering};

/// What the gate says to who is about to do an operation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Answer<'t> {
    /// It is done, and comes to what it comes to.
    Go,
    /// It has to wait, whatever there is: a REQUEST comes first.
    Wait,
    /// It is done, and comes to this.
    Is(Known<'t>),
    /// It ends with this outcome, without what it is for.
    Fails(u8),
}

/// The value that an operation comes to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Known<'t> {
    pub value: Value,
    /// The bytes of a text.
    pub text: &'t [u8],
}

impl<'t> Answer<'t> {
    /// What the operation comes to, if that is said and was kept.
    pub fn known(self) -> Option<Known<'t>> {
        match self {
            Answer::Is(known) if known.value != Value::Absent => Some(known),
            _ => None,
        }
    }

    /// The bytes of the text that the operation comes to, if it is said to come to one.
    pub fn text(self) -> Option<&'t [u8]> {
        let known = self.known()?;
        matches!(known.value, Value::Str(_)).then_some(known.text)
    }

    /// Whether the operation has to wait, and a REQUEST comes first; None: unless there is what it waits for.
    #[inline(always)]
    pub fn has_to_wait(self) -> Option<bool> {
        match self {
            Answer::Go => None,
            answer => Some(answer == Answer::Wait),
        }
    }
}

/// What is known of the event that the calling thread makes next, be it its turn or not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Next<'t> {
    /// Nothing: that is seen when it comes to it.
    Unknown,
    /// It is another one than was asked for.
    Other,
    /// It is this one, and comes to this.
    This(Known<'t>),
}

impl Next<'_> {
    /// Whether it is known to be this one.
    pub fn is_this(self) -> bool {
        matches!(self, Next::This(_))
    }

    /// Whether it is this one; where that is not known, what `here` says.
    pub fn is_this_or(self, here: impl FnOnce() -> bool) -> bool {
        match self {
            Next::Unknown => here(),
            next => next.is_this(),
        }
    }

    /// The number that it comes to, if it is known to be this one and to have one.
    pub fn count(self) -> Option<i64> {
        match self {
            Next::This(Known {
                value: Value::Int(count),
                ..
            }) => Some(count),
            _ => None,
        }
    }
}

/// What the recorder asks and tells a controller.
pub struct Controller {
    /// The calling thread is about to do an operation on an object or location at a site (0: not
    /// known yet): others may go first.
    pub point: fn(Python<'_>, u8, u32, u32),
    /// What the calling thread, which has passed that point, is told of the operation on the object
    /// (0: on whatever it is).
    pub answer: fn(Python<'_>, u8, u32) -> Answer<'static>,
    /// What it is told of a part of such an operation that is in no event itself, before it, or (true) when
    /// it has waited.
    pub answer_within: fn(Python<'_>, u8, bool) -> Answer<'static>,
    /// What is known of the calling thread's next event: whether it is this one on the object.
    pub next: fn(Python<'_>, u8, u32) -> Next<'static>,
    /// Whether it is settled how the calling process goes on.
    pub settled: fn(Python<'_>) -> bool,
    /// Whether the calling thread has passed the point of its next event, or has none.
    pub passed: fn(Python<'_>) -> bool,
    /// The calling thread has made an event.
    pub recorded: fn(Python<'_>, &Made),
    /// Whether the calling thread makes events of another one from here on.
    pub acts: fn(Python<'_>, bool),
}

static CONTROLLER: AtomicPtr<Controller> = AtomicPtr::new(null_mut());

/// Has the controller control this process; None: nobody does any more.
pub fn control(controller: Option<&'static Controller>) {
    let controller = controller.map_or(null_mut(), |it| from_ref(it).cast_mut());
    CONTROLLER.store(controller, Ordering::SeqCst);
}

#[inline(always)]
fn controller() -> Option<&'static Controller> {
    // SAFETY: what is stored there lives as long as the process.
    unsafe { CONTROLLER.load(Ordering::Relaxed).as_ref() }
}

/// Whether nobody controls this process: what is not recorded may be left to CPython.
#[inline(always)]
pub fn is_open() -> bool {
    controller().is_none()
}

/// The calling thread is about to do `op` on an object or location at a site (0: not known yet).
/// Under control other threads may go first; else it is one predicted branch.
///
/// Nothing is borrowed that another thread may want.
#[inline(always)]
pub fn before(py: Python<'_>, op: u8, target: u32, site: u32) {
    if let Some(controller) = controller() {
        (controller.point)(py, op, target, site);
    }
}

/// As `before`, of an operation on an object (0: not known yet) that may have to wait, fail, or be told
/// something: what it is to do.
#[inline(always)]
pub fn ask(py: Python<'_>, op: u8, object: u32) -> Answer<'static> {
    before(py, op, object, 0);
    answer(py, op, object)
}

/// What the calling thread is told of an operation whose gate it has passed.
#[inline(always)]
pub fn answer(py: Python<'_>, op: u8, object: u32) -> Answer<'static> {
    match controller() {
        Some(controller) => (controller.answer)(py, op, object),
        None => Answer::Go,
    }
}

/// What the calling thread is told of what is in no event itself, but may be a part of such an operation,
/// as a lock of the standard library's of a WAIT: before it, or when it has `waited` for it.
#[inline(always)]
pub fn answer_within(py: Python<'_>, op: u8, waited: bool) -> Answer<'static> {
    match controller() {
        Some(controller) => (controller.answer_within)(py, op, waited),
        None => Answer::Go,
    }
}

/// What is known of the event that the calling thread makes next: whether it is this one on the object.
/// For what decides whether there is an operation at all; what one comes to says `answer`.
#[inline(always)]
pub fn next(py: Python<'_>, op: u8, object: u32) -> Next<'static> {
    match controller() {
        Some(controller) => (controller.next)(py, op, object),
        None => Next::Unknown,
    }
}

/// Whether it is settled how this process goes on, event for event: then `next` is never unknown.
#[inline(always)]
pub fn is_settled(py: Python<'_>) -> bool {
    controller().is_some_and(|controller| (controller.settled)(py))
}

/// Whether the calling thread has passed the point of its next event, or needs to pass none.
#[inline(always)]
pub fn passed(py: Python<'_>) -> bool {
    controller().is_none_or(|controller| (controller.passed)(py))
}

/// The calling thread has made an event.
#[inline(always)]
pub fn recorded(py: Python<'_>, made: Made) {
    if let Some(controller) = controller() {
        (controller.recorded)(py, &made);
    }
}

/// The calling thread makes events of another one from here on, or (false) its own again.
pub fn acts(py: Python<'_>, for_another: bool) {
    if let Some(controller) = controller() {
        (controller.acts)(py, for_another);
    }
}
