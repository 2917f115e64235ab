//! A recorded run that is done again: how far it has come, and whether the events that are made
//! are those of the trace. The strategy `replay` picks who makes the next.

mod acting;
mod likeness;
mod matching;
mod names;
mod patience;
mod python;
mod script;
mod stop;
mod strategy;
#[cfg(test)]
mod tests;

use crate::fileformat::FileError;
use crate::gil::Gil;
use crate::model::{Event, Value};
use crate::ops;
use crate::record::buffer::Made;
use crate::schedule::page::{Slot, NONE};
use crate::schedule::slots::{self, page};
use crate::schedule::strategies::{self, Progress};
use crate::schedule::{ending, processes};
use acting::{act, act_no_more, is_done};
pub use matching::{Attempt, Run};
use names::Recorder;
use pyo3::ffi;
use script::Script;
use std::path::Path;
use std::sync::atomic::Ordering;
use stop::at_stop;

static RUN: Gil<Option<Run>> = Gil::new(None);

/// Loads the trace that this process is to follow.
///
/// # Safety
/// The GIL is held.
pub unsafe fn load(path: &Path, follow: bool) -> Result<(), FileError> {
    *RUN.get() = Some(Run::new(Script::load(path)?, follow));
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
    if let Some(how) = run.made(&Recorder, progress, slot, made) {
        return end(how);
    }
    if progress.follow {
        return;
    }
    // What is started is not there yet, and a handler that waits for its turn would keep it from coming.
    if made.op != ops::START {
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

/// The run, how far it has come, and the calling thread's slot.
unsafe fn calling() -> Option<(&'static mut Run, &'static Progress, &'static Slot)> {
    let (run, slot) = (run()?, slots::my_slot()?);
    Some((run, &page().strategy.replay, slot))
}

/// The event that the calling thread makes next, if its turn has come.
unsafe fn mine() -> Option<&'static Event> {
    let (run, progress, slot) = calling()?;
    run.due(progress, slot)
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
    mine().filter(|event| event.op == op)
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

/// What the trace says of the attempt of the calling thread, whose turn it is, on the lock with the
/// number.
///
/// # Safety
/// The GIL is held.
pub unsafe fn attempt(lock: u32) -> Attempt {
    match calling() {
        Some((run, progress, slot)) => run.attempt(&Recorder, progress, slot, lock),
        None => Attempt::Unknown,
    }
}

/// Whether the wait of the calling thread, which was woken, is over for the trace because its time
/// was.
///
/// # Safety
/// The GIL is held.
pub unsafe fn times_out() -> bool {
    calling().is_some_and(|(run, progress, slot)| run.times_out(progress, slot))
}

/// Whether the calling thread waits, by the trace, until its turn comes, though there is no time left
/// here to wait for a condition: how that ended was decided by when the recorded one looked.
///
/// # Safety
/// The GIL is held.
pub unsafe fn waits_for_turn() -> bool {
    exactly() && calling().is_some_and(|(run, _, slot)| run.waits_for_turn(slot))
}

/// Whether the calling thread's next event, be it its turn or not, is this one.
///
/// # Safety
/// The GIL is held.
pub unsafe fn makes(op: u8) -> bool {
    coming(op).is_some()
}

/// The event that the calling thread makes next, be it its turn or not, if it is this one.
unsafe fn coming(op: u8) -> Option<&'static Event> {
    let (run, _, slot) = calling()?;
    run.coming(slot, op)
}

/// Whether the calling thread's next event is this one, on the object.
///
/// # Safety
/// The GIL is held.
pub unsafe fn comes(op: u8, object: u32) -> bool {
    calling().is_some_and(|(run, _, slot)| run.comes(&Recorder, slot, op, object))
}

/// The value, a number, of the calling thread's next event if it is this one, on the object; else 0.
///
/// # Safety
/// The GIL is held.
pub unsafe fn count_to_come(op: u8, object: u32) -> i64 {
    calling().map_or(0, |(run, _, slot)| {
        run.count_to_come(&Recorder, slot, op, object)
    })
}

/// The name of the object of the calling thread's next event, if it is this one.
///
/// # Safety
/// The GIL is held.
pub unsafe fn name_to_come(op: u8) -> Option<&'static [u8]> {
    let event = coming(op)?;
    let script = &run()?.script;
    let row = script
        .tables()
        .objects
        .get((event.target as usize).wrapping_sub(1))?;
    Some(script.string(row.label))
}

/// The sequence number that the event has here to which the next event, of the calling thread, has a
/// link; 0 if it has none.
///
/// # Safety
/// The GIL is held.
pub unsafe fn link() -> u64 {
    calling().map_or(0, |(run, progress, slot)| run.link(progress, slot))
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
    calling().is_some_and(|(run, progress, slot)| run.expects_refusal(progress, slot, op))
}

/// Whether the calling thread, which puts something into a queue, finds that full by the trace. As
/// below, that may be told before its turn.
///
/// # Safety
/// The GIL is held.
pub unsafe fn finds_full() -> bool {
    calling().is_some_and(|(run, _, slot)| run.finds_full(slot))
}

/// Whether the calling thread, which looks into a pipe, finds something there by the trace; None if
/// it does not say. That it finds nothing may be told before its turn: while it looked it would keep
/// others from what comes.
///
/// # Safety
/// The GIL is held.
pub unsafe fn finds_data() -> Option<bool> {
    let (run, progress, slot) = calling()?;
    run.finds_data(progress, slot)
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
