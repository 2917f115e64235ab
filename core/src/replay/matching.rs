//! How far a recorded run has come that is done again, and what it says of the thread of a slot: all of
//! it on plain data, so that it can be tried without a program.

use super::acting;
use super::likeness::Likeness;
use super::names::Names;
use super::script::Script;
use crate::control::page::{phase, Slot, NEVER, NONE};
use crate::control::strategies::Progress;
use crate::model::{Event, Value};
use crate::ops::{self, outcome};
use crate::record::buffer::Made;
use crate::record::gate::{Answer, Known, Next};

/// A thread is looked for among so many of its coming events at first, and among twice as many
/// after each event that was not found.
pub const WINDOW: u64 = 8;
const WIDEST: u32 = 20;
/// A run that goes on ends after so many events in a row that are not the trace's, or as many as
/// that has.
pub const STRAYS: u64 = 10_000;

pub struct Run {
    pub script: Script,
    pub likeness: Likeness,
}

/// Whether the event is an attempt that ends without what it is for.
fn is_refused(event: &Event) -> bool {
    matches!(event.outcome, outcome::TIMED_OUT | outcome::WOULD_BLOCK)
}

impl Run {
    pub fn new(script: Script, follow: bool) -> Run {
        Run {
            script,
            likeness: Likeness::new(follow),
        }
    }

    /// The thread of the slot has made an event: the run has come one further, or does something
    /// else than its trace. The phase in which it ends, if it does.
    pub fn made(
        &mut self,
        names: &impl Names,
        progress: &mut Progress,
        slot: &mut Slot,
        made: &Made,
    ) -> Option<u32> {
        progress.helped = 0;
        if progress.follow {
            return self.resynchronise(names, progress, slot, made);
        }
        let position = progress.position;
        let Some(&event) = self.script.event(position) else {
            // There is nothing to follow any more; an interrupted run would go on for ever.
            return Some(phase::REPLAYED);
        };
        if slot.next != position || !self.is_made(names, slot, event, made, position) {
            return Some(phase::DIVERGED);
        }
        self.likeness.made(made.seq, position);
        slot.asked = event.op == ops::REQUEST;
        slot.next = self.script.after(position);
        progress.position += 1;
        None
    }

    /// Finds the event among those to come of its thread. One that is not there the thread has made
    /// on top.
    fn resynchronise(
        &mut self,
        names: &impl Names,
        progress: &mut Progress,
        slot: &mut Slot,
        made: &Made,
    ) -> Option<u32> {
        let mut index = slot.next;
        for _ in 0..WINDOW << slot.strays.min(WIDEST) {
            let Some(&event) = self.script.event(index) else {
                break;
            };
            let next = self.script.after(index);
            if self.is_made(names, slot, event, made, index) {
                progress.found += 1;
                (progress.strays, slot.strays) = (0, 0);
                slot.next = next;
                return None;
            }
            index = next;
        }
        slot.strays += 1;
        progress.strays += 1;
        let most = STRAYS.max(self.script.count());
        (progress.strays > most).then_some(phase::REPLAYED)
    }

    /// Whether this event, which the thread of the slot has made, is that one of the trace.
    fn is_made(
        &mut self,
        names: &impl Names,
        slot: &mut Slot,
        event: Event,
        made: &Made,
        position: u64,
    ) -> bool {
        // The number of a caller's site is one of its own process.
        let site = (slot.acts_for == 0).then_some(made.site);
        let script = &self.script;
        let same = self
            .likeness
            .same(names, script, &event, made, site, position);
        if same && event.op == ops::EXECUTE {
            acting::executes(script, slot, event.link);
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
    pub fn due(&self, progress: &Progress, slot: &Slot) -> Option<&Event> {
        if slot.next == NONE || !progress.follow && slot.next != progress.position {
            return None;
        }
        self.script.event(slot.next)
    }

    /// The event that the thread makes next, be it its turn or not, if it is this one.
    pub fn coming(&self, slot: &Slot, op: u8) -> Option<&Event> {
        self.script.event(slot.next).filter(|event| event.op == op)
    }

    /// Whether the thread's next event is this one, on the object.
    pub fn comes(&mut self, names: &impl Names, slot: &Slot, op: u8, object: u32) -> bool {
        let there = self.coming(slot, op).map(|event| event.target);
        there.is_some_and(|there| self.is_object(names, object, there))
    }

    /// The value, a number, of the thread's next event if it is this one, on the object; else 0.
    pub fn count_to_come(&mut self, names: &impl Names, slot: &Slot, op: u8, object: u32) -> i64 {
        match self.coming(slot, op).map(|event| event.value) {
            Some(Value::Int(count)) if self.comes(names, slot, op, object) => count,
            _ => 0,
        }
    }

    fn is_object(&mut self, names: &impl Names, here: u32, there: u32) -> bool {
        self.likeness.same_object(names, &self.script, here, there)
    }

    /// What the thread is told of an operation on the object (0: on whatever it is), if its turn has come.
    pub fn answer(
        &mut self,
        names: &impl Names,
        progress: &Progress,
        slot: &Slot,
        op: u8,
        object: u32,
    ) -> Answer<'_> {
        let Some(&event) = self.due(progress, slot) else {
            return Answer::Go;
        };
        let is_of_op = event.op == op || event.op == ops::REQUEST;
        if !is_of_op || object != 0 && !self.is_object(names, object, event.target) {
            return Answer::Go;
        }
        match event.op {
            ops::REQUEST => Answer::Wait,
            _ if is_refused(&event) => Answer::Fails(event.outcome),
            _ => Answer::Is(self.known(&event)),
        }
    }

    /// What the thread is told of a part of an operation that is in no event itself. How its wait ends it
    /// is told in its turn, the rest before.
    pub fn answer_within(
        &self,
        progress: &Progress,
        slot: &Slot,
        op: u8,
        waited: bool,
    ) -> Answer<'_> {
        match op {
            _ if waited && self.times_out(progress, slot) => Answer::Fails(outcome::TIMED_OUT),
            ops::PUT if self.finds_full(slot) => Answer::Fails(outcome::WOULD_BLOCK),
            ops::WAIT if !progress.follow && self.waits_for_turn(slot) => Answer::Wait,
            _ => Answer::Go,
        }
    }

    /// Whether the thread's next event, be it its turn or not, is this one on the object. In a run that
    /// goes on where it does something else it may be another than the trace's.
    pub fn next(
        &mut self,
        names: &impl Names,
        progress: &Progress,
        slot: &Slot,
        op: u8,
        object: u32,
    ) -> Next<'_> {
        match self.comes(names, slot, op, object) {
            true => {
                let event = self.script.event(slot.next);
                event.map_or(Next::Other, |event| Next::This(self.known(event)))
            }
            false if progress.follow => Next::Unknown,
            false => Next::Other,
        }
    }

    fn known(&self, event: &Event) -> Known<'_> {
        Known {
            value: event.value,
            text: self.script.text(event.value),
        }
    }

    /// Whether the wait of the thread, which was woken, is over for the trace because its time was.
    pub fn times_out(&self, progress: &Progress, slot: &Slot) -> bool {
        self.due(progress, slot).is_some() && self.script.times_out(slot)
    }

    /// Whether the thread waits until its turn comes, though there is no time left here to wait for a
    /// condition: how that ended was decided by when the recorded one looked.
    pub fn waits_for_turn(&self, slot: &Slot) -> bool {
        let end = self.script.end_of_wait(slot);
        // Who joins a thread asks its lock without waiting.
        self.script.awaits(slot.next) && end.is_some_and(|end| end.op != ops::JOIN)
    }

    /// The sequence number that the event has here to which the thread's next event, if its turn has
    /// come, has a link; 0 if it has none.
    pub fn link(&self, progress: &Progress, slot: &Slot) -> u64 {
        match self.due(progress, slot) {
            Some(event) if event.link != 0 => {
                self.likeness.number(self.script.position(event.link))
            }
            _ => 0,
        }
    }

    /// Whether the thread, which puts something into a queue, finds that full by the trace. As
    /// below, that may be told before its turn.
    pub fn finds_full(&self, slot: &Slot) -> bool {
        let puts = [u32::from(ops::PUT), u32::from(ops::START)];
        self.coming(slot, ops::PUT).is_some_and(is_refused) && puts.contains(&slot.op)
    }

    /// Whether the thread, which looks into a pipe, finds something there by the trace; None if it
    /// does not say. That it finds nothing may be told before its turn: while it looked it would
    /// keep others from what comes.
    pub fn finds_data(&self, progress: &Progress, slot: &Slot) -> Option<bool> {
        let event = self.script.event(slot.next)?;
        let found = match (event.op, event.value) {
            (ops::POLL, Value::Bool(ready)) => ready,
            (ops::EMPTY, Value::Bool(empty)) => !empty,
            (ops::GET | ops::JOIN, _) if is_refused(event) => false,
            (ops::GET, _) if event.outcome == outcome::OK => true,
            _ => return None,
        };
        (!found || self.due(progress, slot).is_some()).then_some(found)
    }
}
