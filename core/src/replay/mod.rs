//! A recorded run that is done again: how far it has come, and whether the events that are made
//! are those of the trace. The strategy `replay` picks who makes the next.

mod acting;
mod likeness;
mod patience;
mod python;
mod script;
mod stop;
mod strategy;

use crate::fileformat::FileError;
use crate::gil::Gil;
use crate::model::{Event, Value};
use crate::ops::{self, outcome};
use crate::record::buffer::Made;
use crate::schedule::page::{phase, Slot, NEVER, NONE};
use crate::schedule::slots::{self, page};
use crate::schedule::strategies::{self, Progress};
use crate::schedule::{ending, processes};
use acting::{act, act_no_more, is_done};
use likeness::Likeness;
use pyo3::ffi;
use script::Script;
use std::path::Path;
use std::sync::atomic::Ordering;
use stop::at_stop;

/// A thread is looked for among so many of its coming events at first, and among twice as many
/// after each event that was not found.
const WINDOW: u64 = 8;
const WIDEST: u32 = 20;
/// A run that goes on ends after so many events in a row that are not the trace's, or as many as
/// that has.
const STRAYS: u64 = 10_000;

pub struct Run {
    pub script: Script,
    likeness: Likeness,
}

static RUN: Gil<Option<Run>> = Gil::new(None);

/// Loads the trace that this process is to follow.
///
/// # Safety
/// The GIL is held.
pub unsafe fn load(path: &Path, follow: bool) -> Result<(), FileError> {
    *RUN.get() = Some(Run {
        script: Script::load(path)?,
        likeness: Likeness::new(follow),
    });
    Ok(())
}

/// A forked child has numbers of its own.
unsafe fn forked() {
    if let Some(run) = RUN.get().as_mut() {
        run.likeness.forget();
    }
}

/// What this process follows.
///
/// # Safety
/// The baton is held, or the GIL.
pub unsafe fn run() -> Option<&'static mut Run> {
    RUN.get().as_mut()
}

/// An event was recorded: the run has come one further, or does something else than its trace.
///
/// # Safety
/// The GIL is held.
unsafe fn recorded(made: &Made) {
    let (Some(run), Some(slot)) = (run(), slots::my_slot()) else {
        return;
    };
    let progress = &mut page().strategy.replay;
    progress.helped = 0;
    if progress.follow {
        return resynchronise(run, progress, slot, made);
    }
    let position = progress.position;
    let Some(&event) = run.script.event(position) else {
        // There is nothing to follow any more; an interrupted run would go on for ever.
        return end(phase::REPLAYED);
    };
    if slot.next != position || !run.is_made(slot, event, made, position) {
        return end(phase::DIVERGED);
    }
    run.likeness.made(made.seq, position);
    slot.asked = event.op == ops::REQUEST;
    slot.next = run.script.after(position);
    progress.position += 1;
    // What is started is not there yet, and a handler that waits for its turn would keep it from coming.
    if event.op != ops::START {
        signal();
    }
    if slot.doom != 0 && slot.next == NONE {
        processes::meet_doom(slot.doom);
    }
}

/// How many events are still to be made.
unsafe fn to_come() -> u64 {
    let made = page().strategy.replay.matched();
    run().map_or(0, |run| run.script.count().saturating_sub(made))
}

unsafe fn end(how: u32) {
    page().phase.store(how, Ordering::SeqCst);
    ending::end_process();
}

/// Finds the event among those to come of its thread. One that is not there the thread has made
/// on top.
unsafe fn resynchronise(run: &mut Run, progress: &mut Progress, slot: &mut Slot, made: &Made) {
    let mut index = slot.next;
    for _ in 0..WINDOW << slot.strays.min(WIDEST) {
        let Some(&event) = run.script.event(index) else {
            break;
        };
        let next = run.script.after(index);
        if run.is_made(slot, event, made, index) {
            progress.found += 1;
            (progress.strays, slot.strays) = (0, 0);
            slot.next = next;
            return;
        }
        index = next;
    }
    slot.strays += 1;
    progress.strays += 1;
    if progress.strays > STRAYS.max(run.script.count()) {
        end(phase::REPLAYED);
    }
}

impl Run {
    /// Whether this event, which the thread of the slot has made, is that one of the trace.
    fn is_made(&mut self, slot: &mut Slot, event: Event, made: &Made, position: u64) -> bool {
        // The number of a caller's site is one of its own process.
        let site = (slot.acts_for == 0).then_some(made.site);
        let same = self
            .likeness
            .same(&self.script, &event, made, site, position);
        if same && event.op == ops::EXECUTE {
            acting::executes(&self.script, slot, event.link);
        }
        same
    }

    /// Whether the wait of the thread of the slot is over, by the trace, without what it waits for.
    pub fn gives_up(&self, progress: &Progress, slot: &Slot) -> bool {
        slot.deadline != NEVER && self.script.times_out(slot) || self.is_interrupted(progress, slot)
    }

    /// Whether a signal is still to end the thread's wait.
    pub fn is_interrupted(&self, progress: &Progress, slot: &Slot) -> bool {
        self.script.signal(slot.next) != 0
            || progress.interrupted != slot.next.wrapping_add(1) && self.script.is_interrupted(slot)
    }

    /// The event that the thread of the slot makes next, if its turn has come.
    pub fn due(&self, progress: &Progress, next: u64) -> Option<&Event> {
        if next == NONE || !progress.follow && next != progress.position {
            return None;
        }
        self.script.event(next)
    }
}

/// The event that the calling thread makes next, if its turn has come.
unsafe fn mine() -> Option<(&'static mut Run, &'static Event)> {
    let (run, slot) = (run()?, slots::my_slot()?);
    let event: *const Event = run.due(&page().strategy.replay, slot.next)?;
    // The events stay where they are as long as the process follows them.
    Some((run, &*event))
}

/// A signal has come to the calling thread, by the trace: it comes again.
///
/// # Safety
/// The GIL is held.
unsafe fn interrupt() {
    let (Some(run), Some(slot)) = (run(), slots::my_slot()) else {
        return;
    };
    let progress = &mut page().strategy.replay;
    if run.script.signal(slot.next) != 0 {
        signal();
    } else if run.is_interrupted(progress, slot) {
        progress.interrupted = slot.next + 1;
        ffi::PyErr_SetInterrupt();
    }
}

extern "C" {
    /// Has the handler of the signal run, as if it had come.
    fn PyErr_SetInterruptEx(number: i32) -> i32;
}

/// Has the handler of a signal run that is the next event of the calling thread, be it its turn or not:
/// where the interpreter next looks for signals.
///
/// # Safety
/// The GIL is held.
pub unsafe fn signal() {
    if let Some((run, slot)) = run().zip(slots::my_slot()) {
        match run.script.signal(slot.next) {
            0 => {}
            number => {
                PyErr_SetInterruptEx(number);
            }
        }
    }
}

/// Whether the handler of a signal is the next of the trace, in the calling thread.
///
/// # Safety
/// The GIL is held.
unsafe fn is_signalled() -> bool {
    exactly() && mine().is_some() && {
        let (run, slot) = (run(), slots::my_slot());
        run.zip(slot)
            .is_some_and(|(run, slot)| run.script.signal(slot.next) != 0)
    }
}

/// The event that the calling thread makes next, if its turn has come and it is this one.
///
/// # Safety
/// The GIL is held.
pub unsafe fn due(op: u8) -> Option<&'static Event> {
    let (_, event) = mine()?;
    (event.op == op).then_some(event)
}

/// Whether the next event of the recorded run is this one, of the calling thread.
///
/// # Safety
/// The GIL is held.
pub unsafe fn expects(op: u8) -> bool {
    due(op).is_some()
}

/// Whether this process follows a trace to the letter.
///
/// # Safety
/// The GIL is held.
pub unsafe fn exactly() -> bool {
    slots::controlled() && run().is_some() && !page().strategy.replay.follow
}

/// Whether the calling thread, which has a next event, goes before its turn.
///
/// # Safety
/// The GIL is held.
pub unsafe fn is_early() -> bool {
    exactly()
        && slots::my_slot()
            .is_some_and(|slot| slot.next != NONE && slot.next != page().strategy.replay.position)
}

/// What the trace says of the calling thread's attempt to take a lock.
#[derive(Clone, Copy, PartialEq)]
pub enum Attempt {
    /// Nothing, or that it takes the lock.
    Unknown,
    /// It has to wait.
    Waits,
    /// It does not get it; the outcome.
    Fails(u8),
}

/// What the trace says of the attempt of the calling thread, whose turn it is, on the lock with the
/// number.
///
/// # Safety
/// The GIL is held.
pub unsafe fn attempt(lock: u32) -> Attempt {
    let Some((run, event)) = mine() else {
        return Attempt::Unknown;
    };
    if !run.likeness.same_object(&run.script, lock, event.target) {
        return Attempt::Unknown;
    }
    match (event.op, event.outcome) {
        (ops::REQUEST, _) => Attempt::Waits,
        (ops::ACQUIRE, how @ (outcome::TIMED_OUT | outcome::WOULD_BLOCK)) => Attempt::Fails(how),
        _ => Attempt::Unknown,
    }
}

/// Whether the wait of the calling thread, which was woken, is over for the trace because its time
/// was.
///
/// # Safety
/// The GIL is held.
pub unsafe fn times_out() -> bool {
    match (mine(), slots::my_slot()) {
        (Some((run, _)), Some(slot)) => run.script.times_out(slot),
        _ => false,
    }
}

/// Whether the calling thread waits, by the trace, until its turn comes, though there is no time left
/// here to wait for a condition: how that ended was decided by when the recorded one looked.
///
/// # Safety
/// The GIL is held.
pub unsafe fn waits_for_turn() -> bool {
    let (Some(run), Some(slot)) = (run(), slots::my_slot()) else {
        return false;
    };
    let end = run.script.end_of_wait(slot);
    // Who joins a thread asks its lock without waiting.
    exactly() && run.script.awaits(slot.next) && end.is_some_and(|end| end.op != ops::JOIN)
}

/// Whether the calling thread's next event, be it its turn or not, is this one.
///
/// # Safety
/// The GIL is held.
pub unsafe fn makes(op: u8) -> bool {
    coming(op).is_some()
}

/// The event that the calling thread makes next, be it its turn or not, if it is this one.
unsafe fn coming(op: u8) -> Option<(&'static mut Run, &'static Event)> {
    let (run, slot) = (run()?, slots::my_slot()?);
    let event: *const Event = run.script.event(slot.next)?;
    ((*event).op == op).then_some((run, &*event))
}

/// Whether the calling thread's next event is this one, on the object.
///
/// # Safety
/// The GIL is held.
pub unsafe fn comes(op: u8, object: u32) -> bool {
    coming(op)
        .is_some_and(|(run, event)| run.likeness.same_object(&run.script, object, event.target))
}

/// The value, a number, of the calling thread's next event if it is this one, on the object; else 0.
///
/// # Safety
/// The GIL is held.
pub unsafe fn count_to_come(op: u8, object: u32) -> i64 {
    match coming(op).map(|(_, event)| event.value) {
        Some(Value::Int(count)) if comes(op, object) => count,
        _ => 0,
    }
}

/// The name of the object of the calling thread's next event, if it is this one.
///
/// # Safety
/// The GIL is held.
pub unsafe fn name_to_come(op: u8) -> Option<&'static [u8]> {
    let (run, event) = coming(op)?;
    let row = run
        .script
        .tables()
        .objects
        .get((event.target as usize).wrapping_sub(1))?;
    Some(run.script.string(row.label))
}

/// The sequence number that the event has here to which the next event, of the calling thread, has a
/// link; 0 if it has none.
///
/// # Safety
/// The GIL is held.
pub unsafe fn link() -> u64 {
    match mine() {
        Some((run, event)) if event.link != 0 => {
            run.likeness.number(run.script.position(event.link))
        }
        _ => 0,
    }
}

/// The value of the event if it was kept.
///
/// # Safety
/// The GIL is held.
pub unsafe fn value(event: &'static Event) -> Option<(Value, &'static [u8])> {
    let text = run()?.script.text(event.value);
    (event.value != Value::Absent).then_some((event.value, text))
}

/// What the calling thread is told by the trace, if its next event is this look.
///
/// # Safety
/// The GIL is held.
pub unsafe fn answer(op: u8) -> Option<bool> {
    match due(op)?.value {
        Value::Bool(answer) => Some(answer),
        _ => None,
    }
}

/// Whether that event is an attempt that ends without what it is for.
///
/// # Safety
/// The GIL is held.
pub unsafe fn expects_refusal(op: u8) -> bool {
    let refused = [outcome::TIMED_OUT, outcome::WOULD_BLOCK];
    mine().is_some_and(|(_, event)| event.op == op && refused.contains(&event.outcome))
}

/// Whether the calling thread, which puts something into a queue, finds that full by the trace. As
/// below, that may be told before its turn.
///
/// # Safety
/// The GIL is held.
pub unsafe fn finds_full() -> bool {
    let refused = [outcome::TIMED_OUT, outcome::WOULD_BLOCK];
    let puts = [u32::from(ops::PUT), u32::from(ops::START)];
    coming(ops::PUT).is_some_and(|(_, event)| refused.contains(&event.outcome))
        && slots::my_slot().is_some_and(|slot| puts.contains(&slot.op))
}

/// Whether the calling thread, which looks into a pipe, finds something there by the trace; None if
/// it does not say. That it finds nothing may be told before its turn: while it looked it would keep
/// others from what comes.
///
/// # Safety
/// The GIL is held.
pub unsafe fn finds_data() -> Option<bool> {
    let (run, slot) = (run()?, slots::my_slot()?);
    let is_due = run.due(&page().strategy.replay, slot.next).is_some();
    let event = run.script.event(slot.next)?;
    let refused = matches!(event.outcome, outcome::TIMED_OUT | outcome::WOULD_BLOCK);
    let found = match (event.op, event.value) {
        (ops::POLL, Value::Bool(ready)) => ready,
        (ops::EMPTY, Value::Bool(empty)) => !empty,
        (ops::GET | ops::JOIN, _) if refused => false,
        (ops::GET, _) if event.outcome == outcome::OK => true,
        _ => return None,
    };
    (is_due || !found).then_some(found)
}

/// The answer that the trace has for an input of the calling thread, which has just passed its
/// gate: the value, and the bytes of a text.
///
/// # Safety
/// The GIL is held.
pub unsafe fn input() -> Option<(Value, &'static [u8])> {
    value(due(ops::INPUT)?)
}

pub fn register(m: &pyo3::Bound<'_, pyo3::types::PyModule>) -> pyo3::PyResult<()> {
    strategies::follow_by(&strategy::Replay);
    python::register(m)
}
