//! `replay`: the order of a recorded run. The baton goes to the thread whose event comes next; how
//! far the run has come is told by the events that are recorded.
//!
//! Where the program does something else than its trace says, others go on, so that the run ends:
//! its own trace shows where the two part.

use super::{Choice, Slot, State, Strategy};
use crate::fileformat::{FileError, TraceData};
use crate::model::{Event, Value};
use crate::ops::{self, outcome};
use crate::record::session::{self, Gil};
use crate::schedule::controller;
use crate::schedule::ending;
use crate::schedule::page::{phase, state, NEVER};
use std::path::Path;
use std::sync::atomic::Ordering;

pub struct Replay;

/// A run that is being done again.
struct Script {
    trace: TraceData,
    events: Vec<Event>,
    /// Of each event, the index of the next of its thread.
    following: Vec<u32>,
    /// Of each thread of the trace, by id - 1, how many of its events are still to come.
    left: Vec<u32>,
}

static SCRIPT: Gil<Option<Script>> = Gil::new(None);

/// Loads the trace whose order this process is to follow.
///
/// # Safety
/// The GIL is held.
pub unsafe fn load(path: &Path) -> Result<(), FileError> {
    let trace = TraceData::open(path)?;
    let mut events = Vec::new();
    trace.for_range(0, trace.len(), |_, event| {
        events.push(*event);
        true
    })?;
    let mut left = vec![0; trace.tables.threads.len()];
    let mut last = vec![u32::MAX; left.len()];
    let mut following = vec![u32::MAX; events.len()];
    for (index, event) in events.iter().enumerate().rev() {
        let thread = event.thread as usize - 1;
        following[index] = std::mem::replace(&mut last[thread], index as u32);
        left[thread] += 1;
    }
    *SCRIPT.get() = Some(Script {
        trace,
        events,
        following,
        left,
    });
    Ok(())
}

fn script() -> Option<&'static mut Script> {
    unsafe { SCRIPT.get().as_mut() }
}

impl Script {
    fn thread(&self, path: &str) -> u64 {
        let threads = self.trace.tables.threads.iter();
        threads
            .map(|row| row.path.as_str())
            .position(|known| known == path)
            .map_or(0, |index| index as u64 + 1)
    }

    /// Whether the thread's wait ends without what it waits for: by the event at `index`, or, where
    /// that only takes back a condition's lock, by the next one.
    fn gives_up(&self, mut index: usize) -> bool {
        loop {
            let Some(event) = self.events.get(index) else {
                return false;
            };
            if event.op == ops::WAKE || event.outcome == outcome::TIMED_OUT {
                return true;
            }
            if !matches!(event.op, ops::ACQUIRE | ops::REQUEST) {
                return false;
            }
            index = self.following[index] as usize;
        }
    }
}

/// An event was recorded: the run has come one further.
///
/// # Safety
/// The GIL is held.
pub unsafe fn recorded() {
    let Some(script) = script() else { return };
    let position = &mut controller::page().strategy.position;
    if let Some(event) = script.events.get(*position as usize) {
        script.left[event.thread as usize - 1] -= 1;
    }
    *position += 1;
    if *position > script.events.len() as u64 {
        // There is nothing to follow any more; an interrupted run would go on for ever.
        let phase = &controller::page().phase;
        phase.store(phase::REPLAYED, Ordering::SeqCst);
        ending::end_process();
    }
}

/// Whether the next event of the recorded run is this one, of the calling thread.
///
/// # Safety
/// The GIL is held.
pub unsafe fn expects(op: u8) -> bool {
    let Some(script) = script() else { return false };
    let position = controller::page().strategy.position;
    let path = session::thread_path(session::current_thread());
    script
        .events
        .get(position as usize)
        .zip(path)
        .is_some_and(|(event, path)| {
            event.op == op && u64::from(event.thread) == script.thread(path)
        })
}

/// The answer that the trace has for an input of the calling thread, which has just passed its
/// gate: the value, and the bytes of a text.
///
/// # Safety
/// The GIL is held.
pub unsafe fn input() -> Option<(Value, &'static [u8])> {
    let script = script()?;
    let position = controller::page().strategy.position;
    let event = script.events.get(position as usize)?;
    let path = session::thread_path(session::current_thread())?;
    if event.op != ops::INPUT || u64::from(event.thread) != script.thread(path) {
        return None;
    }
    let text: &[u8] = match event.value {
        Value::Str(id) | Value::Bytes(id) if id != 0 => {
            &script.trace.tables.strings[id as usize - 1]
        }
        _ => b"",
    };
    Some((event.value, text))
}

impl Strategy for Replay {
    fn born(&self, _: &mut State, slot: &mut Slot) {
        let path = unsafe { session::thread_path(slot.thread) };
        // The run's first thread is born before its recording begins.
        let path = path.unwrap_or("main");
        slot.priority = script().map_or(0, |script| script.thread(path));
    }

    fn next(&self, state: &mut State, choice: Choice<'_>) -> usize {
        let ready = choice.ready;
        let Some(script) = script() else {
            return ready[0];
        };
        let position = state.position as usize;
        let wanted = script
            .events
            .get(position)
            .map_or(0, |e| u64::from(e.thread));
        let is_wanted = |slot: &Slot| wanted != 0 && slot.priority == wanted;
        if let Some(&slot) = ready.iter().find(|&&slot| is_wanted(&choice.slots[slot])) {
            return slot;
        }
        let waits = choice.slots.iter().position(|slot| {
            is_wanted(slot)
                && slot.deadline != NEVER
                && slot.state.load(Ordering::SeqCst) == state::BLOCKED
        });
        if let Some(slot) = waits.filter(|_| script.gives_up(position)) {
            return slot;
        }
        // It waits for somebody to go a step that is no event: who has ended, or has just begun.
        let done = |slot: &Slot| match slot.priority {
            0 => true,
            thread => script.left[thread as usize - 1] == 0,
        };
        let helper = ready.iter().find(|&&slot| done(&choice.slots[slot]));
        let helper = helper.or_else(|| ready.iter().find(|&&slot| choice.slots[slot].op == 0));
        *helper.unwrap_or(&ready[0])
    }
}
