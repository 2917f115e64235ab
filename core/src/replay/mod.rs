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

use crate::control::page::{Slot, NONE};
use crate::control::slots::{self, page};
use crate::control::strategies::{self, Progress};
use crate::control::{ending, processes};
use crate::fileformat::FileError;
use crate::gil::Baton;
use crate::model::{Event, Value};
use crate::ops;
use crate::record::buffer::Made;
use crate::record::gate::{Answer, Next};
use acting::{act, act_no_more, is_done};
use matching::Run;
use names::Recorder;
use pyo3::{ffi, Python};
use script::Script;
use std::path::Path;
use std::sync::atomic::Ordering;
use stop::at_stop;

static RUN: Baton<Option<Run>> = Baton::new(None);

/// Loads the trace that this process is to follow.
///
/// # Safety
/// The GIL is held.
unsafe fn load(path: &Path, follow: bool) -> Result<(), FileError> {
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
unsafe fn run() -> Option<&'static mut Run> {
    RUN.get().as_mut()
}

/// An event was recorded: the run has come one further, or does something else than its trace.
fn recorded(py: Python<'_>, made: &Made) {
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe {
        let (Some(run), Some(slot)) = (run(), slots::my_slot()) else {
            return;
        };
        let progress = &mut page().strategy.replay;
        if let Some(how) = run.made(&Recorder(py), progress, slot, made) {
            return end(how);
        }
        if progress.follow {
            return;
        }
        // What is started is not there yet, and a handler that waits for its turn would keep it from coming.
        if made.op != ops::START {
            signal(py);
        }
        if slot.doom != 0 && slot.next == NONE {
            processes::meet_doom(slot.doom);
        }
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
fn calling(_: Python<'_>) -> Option<(&'static mut Run, &'static Progress, &'static Slot)> {
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe {
        let (run, slot) = (run()?, slots::my_slot()?);
        Some((run, &page().strategy.replay, slot))
    }
}

/// The event that the calling thread makes next, if its turn has come.
fn mine(py: Python<'_>) -> Option<&'static Event> {
    let (run, progress, slot) = calling(py)?;
    run.due(progress, slot)
}

/// A signal has come to the calling thread, by the trace: it comes again.
fn interrupt(py: Python<'_>) {
    // SAFETY: the GIL is held, and the objects are live.
    unsafe {
        let (Some(run), Some(slot)) = (run(), slots::my_slot()) else {
            return;
        };
        let progress = &mut page().strategy.replay;
        if run.script.signal(slot.next) != 0 {
            signal(py);
        } else if run.is_interrupted(progress, slot) {
            progress.interrupted = slot.next + 1;
            ffi::PyErr_SetInterrupt();
        }
    }
}

extern "C" {
    /// Has the handler of the signal run, as if it had come.
    fn PyErr_SetInterruptEx(number: i32) -> i32;
}

/// Has the handler of a signal run that is the next event of the calling thread, be it its turn or not:
/// where the interpreter next looks for signals.
fn signal(_: Python<'_>) {
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe {
        if let Some((run, slot)) = run().zip(slots::my_slot()) {
            match run.script.signal(slot.next) {
                0 => {}
                number => {
                    PyErr_SetInterruptEx(number);
                }
            }
        }
    }
}

/// Whether the handler of a signal is the next of the trace, in the calling thread.
fn is_signalled(py: Python<'_>) -> bool {
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe {
        exactly(py) && mine(py).is_some() && {
            let (run, slot) = (run(), slots::my_slot());
            run.zip(slot)
                .is_some_and(|(run, slot)| run.script.signal(slot.next) != 0)
        }
    }
}

/// The event that the calling thread makes next, if its turn has come and it is this one.
fn due(py: Python<'_>, op: u8) -> Option<&'static Event> {
    mine(py).filter(|event| event.op == op)
}

/// Whether the next event of the recorded run is this one, of the calling thread.
fn expects(py: Python<'_>, op: u8) -> bool {
    due(py, op).is_some()
}

/// Whether this process follows a trace to the letter.
fn exactly(_: Python<'_>) -> bool {
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe { slots::controlled() && run().is_some() && !page().strategy.replay.follow }
}

/// Whether the calling thread, which has a next event, goes before its turn.
fn is_early(py: Python<'_>) -> bool {
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe {
        exactly(py)
            && slots::my_slot().is_some_and(|slot| {
                slot.next != NONE && slot.next != page().strategy.replay.position
            })
    }
}

/// What the calling thread is told of an operation.
fn answer(py: Python<'_>, op: u8, object: u32) -> Answer<'static> {
    match calling(py) {
        Some((run, progress, slot)) => run.answer(&Recorder(py), progress, slot, op, object),
        None => Answer::Go,
    }
}

/// What it is told of a part of an operation.
fn answer_within(py: Python<'_>, op: u8, waited: bool) -> Answer<'static> {
    match calling(py) {
        Some((run, progress, slot)) => run.answer_within(progress, slot, op, waited),
        None => Answer::Go,
    }
}

/// What is known of the calling thread's next event.
fn next_event(py: Python<'_>, op: u8, object: u32) -> Next<'static> {
    match calling(py) {
        Some((run, progress, slot)) => run.next(&Recorder(py), progress, slot, op, object),
        None if exactly(py) => Next::Other,
        None => Next::Unknown,
    }
}

/// The event that the calling thread makes next, be it its turn or not, if it is this one.
fn coming(py: Python<'_>, op: u8) -> Option<&'static Event> {
    let (run, _, slot) = calling(py)?;
    run.coming(slot, op)
}

/// Whether the calling thread's next event is this one, on the object.
fn comes(py: Python<'_>, op: u8, object: u32) -> bool {
    calling(py).is_some_and(|(run, _, slot)| run.comes(&Recorder(py), slot, op, object))
}

/// The value, a number, of the calling thread's next event if it is this one, on the object; else 0.
fn count_to_come(py: Python<'_>, op: u8, object: u32) -> i64 {
    calling(py).map_or(0, |(run, _, slot)| {
        run.count_to_come(&Recorder(py), slot, op, object)
    })
}

/// The name of the object of the calling thread's next event, if it is this one.
fn name_to_come(py: Python<'_>, op: u8) -> Option<&'static [u8]> {
    let event = coming(py, op)?;
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    let script = unsafe { &run()?.script };
    let row = script
        .tables()
        .objects
        .get((event.target as usize).wrapping_sub(1))?;
    Some(script.string(row.label))
}

/// The sequence number that the event has here to which the next event, of the calling thread, has a
/// link; 0 if it has none.
fn link(py: Python<'_>) -> u64 {
    calling(py).map_or(0, |(run, progress, slot)| run.link(progress, slot))
}

/// The value of the event if it was kept.
fn value(_: Python<'_>, event: &'static Event) -> Option<(Value, &'static [u8])> {
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    let text = unsafe { run()?.script.text(event.value) };
    (event.value != Value::Absent).then_some((event.value, text))
}

/// Whether the calling thread, which looks into a pipe, finds something there by the trace; None if
/// it does not say. That it finds nothing may be told before its turn: while it looked it would keep
/// others from what comes.
fn finds_data(py: Python<'_>) -> Option<bool> {
    let (run, progress, slot) = calling(py)?;
    run.finds_data(progress, slot)
}

pub fn register(m: &pyo3::Bound<'_, pyo3::types::PyModule>) -> pyo3::PyResult<()> {
    strategies::follow_by(&strategy::Replay);
    python::register(m)
}
