//! `replay`: the order of a recorded run. The baton goes to the thread whose event comes next; how
//! far the run has come is told by the events that are recorded.

use super::{patience, Run};
use crate::control::baton::servers_may_tell;
use crate::control::choice::{look_again, looks_last, looks_outward, may_look};
use crate::control::page::{key, phase, reason, state, Slot, NEVER, NONE, UNKNOWN};
use crate::control::strategies::{Choice, Progress, State, Strategy, Waiting};
use crate::ops;
use crate::record::buffer::Made;
use crate::record::gate::{Answer, Next};
use pyo3::Python;
use std::sync::atomic::Ordering;
use std::time::Duration;

pub struct Replay;

/// How often threads are let go steps that are no events before the next event must have come.
pub(super) const PATIENCE: u64 = 100_000;
/// How often the likeliest helpers go first.
const CIRCLES: usize = 100;
/// How often threads are let go while the one whose turn it is is outside: they may look round and round.
const ROUNDS: usize = 1_000;
/// Operations before which no thread has to wait.
const NEVER_WAIT: [u32; 3] = [
    ops::OBSERVE as u32,
    ops::FINISH as u32,
    ops::CALLBACK as u32,
];
/// Operations that take a message out of a pipe.
const TAKE: [u32; 2] = [ops::GET as u32, ops::RECV as u32];
/// The rank of a thread that is about to do what the trace does not know.
const LAST: u32 = 5;

fn run() -> Option<&'static mut Run> {
    // SAFETY: the GIL is held, so nobody else has what the controlled run has here.
    unsafe { super::run() }
}

fn is(slot: &Slot, what: u32) -> bool {
    slot.state.load(Ordering::SeqCst) == what
}

/// Whether the thread waits inside a primitive for what it has asked that for, or was woken there.
/// How that ends the trace says, when its turn comes: before that it would keep others out of the
/// primitive, or its time would be over for no reason but that time jumps. Who notifies others of a
/// Barrier of processes waits until they have woken.
fn awaits_answer(run: &Run, slot: &Slot) -> bool {
    let awaits = slot.asked || !key::is_semaphore(slot.key) && run.script.awaits(slot.next);
    slot.op == 0 && slot.key != key::IO && awaits
}

fn gives_up(run: &Run, progress: &Progress, slot: &Slot) -> bool {
    is(slot, state::BLOCKED) && run.gives_up(progress, slot)
}

/// Where the thread, which is outside, is to handle a signal, sends it, once: what it waits for there may
/// be just that.
fn send_signal(run: &Run, progress: &mut Progress, slot: &Slot) {
    let number = run.script.signal(slot.next);
    if number != 0 && progress.interrupted != slot.next + 1 {
        progress.interrupted = slot.next + 1;
        let (pid, tid) = (
            slot.pid.load(Ordering::SeqCst),
            slot.tid.load(Ordering::SeqCst),
        );
        // SAFETY: the calls get numbers alone.
        unsafe { libc::syscall(libc::SYS_tgkill, pid, tid, number) };
    }
}

impl Replay {
    /// The thread that is to go where the program may do other things than the trace says: whose
    /// next event comes first.
    fn closest(run: &Run, progress: &Progress, choice: &Choice<'_>) -> Option<usize> {
        let waiting = choice.slots.iter().enumerate().filter(|(index, slot)| {
            is(slot, state::READY)
                || Some(*index) == choice.current
                || gives_up(run, progress, slot)
        });
        let first = waiting.min_by_key(|(_, slot)| slot.next);
        let earliest = || {
            let slots = choice.slots.iter().enumerate();
            slots
                .filter(|(_, slot)| is(slot, state::BLOCKED) && slot.deadline != NEVER)
                .min_by_key(|(_, slot)| slot.deadline)
        };
        first.or_else(earliest).map(|(index, _)| index)
    }

    /// A thread that waits, and is to look whether what it waits for has come in some way that is not
    /// seen: through a pipe, from outside, or by its own time.
    fn looker(run: &Run, choice: &mut Choice<'_>, turn: usize) -> Option<usize> {
        let slots = &mut *choice.slots;
        if let Some(index) = slots.iter().position(may_look) {
            slots[index].tried = true;
            slots[index].offer = reason::LOOK;
            return Some(index);
        }
        let timed = slots
            .iter()
            .enumerate()
            .filter(|(_, slot)| is(slot, state::BLOCKED) && slot.op == 0 && slot.deadline != NEVER)
            .filter(|(_, slot)| !awaits_answer(run, slot));
        let timed = timed.min_by_key(|(_, slot)| slot.deadline);
        let timed = timed.map(|(index, _)| index);
        // What comes from outside takes its time, and to find out takes long.
        if timed.is_none() || turn % CIRCLES == 0 {
            look_again(slots);
            if let Some(index) = slots.iter().position(looks_outward) {
                slots[index].offer = reason::ALONE;
                return Some(index);
            }
            if let Some(index) = looks_last(slots, choice.step) {
                slots[index].offer = reason::LOOK;
                return Some(index);
            }
        }
        timed
    }

    /// Who takes the next message out of a pipe: what is to be written may have no room in there until
    /// a part of that has been read. That it has the message is told in its turn: it is let in once.
    fn reader(run: &Run, choice: &Choice<'_>) -> Option<usize> {
        let readers = choice.slots.iter().enumerate().filter(|(_, slot)| {
            let next = run.script.event(slot.next);
            is(slot, state::READY)
                && TAKE.contains(&slot.op)
                && slot.early != slot.next.wrapping_add(1)
                && next.is_some_and(|event| u32::from(event.op) == slot.op)
        });
        let first = readers.min_by_key(|(_, slot)| slot.next);
        first.map(|(index, _)| index)
    }

    /// With its rank, a thread that can go a step that is no event, and so may let the one whose turn it is go
    /// on: one that has made all its events, has just begun, is about to do something that comes to
    /// no event here, or was woken inside a primitive. That one comes last, for it may come to its
    /// own event in there and keep the others out.
    fn helper(
        run: &Run,
        choice: &Choice<'_>,
        wanted: Option<(usize, &Slot)>,
        turn: usize,
    ) -> Option<(u32, usize)> {
        let count = choice.slots.len();
        // A process may end that has made all its events.
        let is_done = |process: u32| {
            let mut threads = choice.slots.iter().filter(|slot| slot.process == process);
            threads.all(|slot| slot.next == NONE || is(slot, state::FREE))
        };
        let ends = |slot: &Slot| slot.op == u32::from(ops::END) && slot.target == 0;
        let rank = |slot: &Slot| match run.script.event(slot.next) {
            None if ends(slot) && is_done(slot.process) => Some(0),
            // Of one that is about to make an event of its own the trace does not know.
            None => Some(if slot.op == 0 { 0 } else { LAST }),
            _ if awaits_answer(run, slot) => None,
            _ if slot.op == 0 => Some(if slot.key == 0 { 1 } else { 4 }),
            Some(event) => {
                let accesses = event.op <= ops::ITERATE && slot.op <= u32::from(ops::ITERATE);
                let expected = u32::from(event.op) == slot.op || accesses;
                let waits = event.op == ops::REQUEST && !NEVER_WAIT.contains(&slot.op);
                (!expected && !waits).then_some(2)
            }
        };
        // That its time was over is not always an event; what it finds in a pipe is.
        let bounded = wanted.filter(|(_, slot)| {
            !is(slot, state::OUTSIDE) && slot.deadline != NEVER && slot.key != key::IO
        });
        let in_pipe = wanted.filter(|(_, slot)| slot.key == key::IO && !is(slot, state::READY));
        let reader = in_pipe.and_then(|_| Replay::reader(run, choice));
        let ready = choice.slots.iter().enumerate();
        ready
            .filter(|(index, slot)| is(slot, state::READY) || Some(*index) == choice.current)
            .filter_map(|(index, slot)| Some((rank(slot)?, index)))
            .chain(bounded.map(|(index, _)| (3, index)))
            .chain(reader.map(|index| (4, index)))
            // In turn: one may go round in circles until another has done its part.
            .min_by_key(|&(rank, index)| match turn < CIRCLES || rank == LAST {
                true => (rank, (index + turn) % count),
                false => (0, (index + turn) % count),
            })
    }

    /// A thread that has started another one, which has begun.
    fn starter(choice: &mut Choice<'_>) -> Option<usize> {
        let waits = |slot: &Slot| slot.starts && slot.op == 0 && !matches!(slot.key, 0 | key::IO);
        let mut slots = choice.slots.iter();
        let index = slots.position(|slot| waits(slot) && is(slot, state::READY))?;
        choice.slots[index].starts = false;
        Some(index)
    }

    fn let_go(helper: Option<(u32, usize)>, choice: &mut Choice<'_>) -> Option<usize> {
        let (_, index) = helper?;
        let slot = &mut choice.slots[index];
        if TAKE.contains(&slot.op) {
            slot.early = slot.next.wrapping_add(1);
        }
        Some(index)
    }

    /// Who goes next. `servers` is asked whether a server is still to tell how a process ended.
    pub(super) fn pick(
        run: &Run,
        progress: &mut Progress,
        mut choice: Choice<'_>,
        servers: impl FnOnce() -> bool,
    ) -> Option<usize> {
        if progress.follow {
            progress.helped += 1;
            let closest = Replay::closest(run, progress, &choice);
            let next = closest.or_else(|| Replay::looker(run, &mut choice, 0));
            return next.filter(|_| progress.helped < PATIENCE);
        }
        let position = progress.position;
        if let Some(index) = Replay::starter(&mut choice) {
            return Some(index);
        }
        let slots = choice.slots.iter().enumerate();
        let wanted = slots
            .clone()
            .find(|(_, slot)| slot.next == position && !is(slot, state::FREE));
        let mut ready = None;
        if let Some((index, slot)) = wanted {
            if is(slot, state::READY)
                || Some(index) == choice.current
                || gives_up(run, progress, slot)
            {
                ready = Some(index);
            }
            if is(slot, state::OUTSIDE) {
                send_signal(run, progress, slot);
                // What it waits for there may come of a step that is no event.
                let turn = progress.helped as usize;
                let helper = Replay::helper(run, &choice, wanted, turn);
                let known = helper.filter(|&(rank, _)| rank < LAST && turn < ROUNDS);
                progress.helped += 1;
                return Replay::let_go(known, &mut choice);
            }
        }
        progress.helped += 1;
        // It too may go round in circles until another has done a step that is no event.
        let circles = progress.helped > CIRCLES as u64 && progress.helped % 2 == 0;
        if ready.is_some() && !circles {
            return ready.filter(|_| progress.helped < PATIENCE);
        }
        let turn = progress.helped as usize;
        let helper = Replay::helper(run, &choice, wanted, turn);
        let known = helper.filter(|&(rank, _)| rank < LAST);
        let mut next = Replay::let_go(known, &mut choice);
        next = next.or_else(|| Replay::looker(run, &mut choice, turn));
        if next.is_none() && !servers() {
            next = helper.map(|(_, index)| index);
        }
        next.or(ready).filter(|_| progress.helped < PATIENCE)
    }
}

impl Strategy for Replay {
    fn born(&self, state: &mut State, slot: &mut Slot, path: &str) {
        self.appears(state, slot, path);
        if let Some(run) = run() {
            (slot.ident, slot.native_id) = run.script.idents(run.script.thread(path));
        }
    }

    fn appears(&self, _: &mut State, slot: &mut Slot, path: &str) {
        let Some(run) = run() else { return };
        let thread = run.script.thread(path);
        slot.next = run.script.first(thread);
        slot.ended = run.script.exit_status(thread).unwrap_or(UNKNOWN);
        slot.goes_by = run.script.pid(thread);
    }

    fn next(&self, state: &mut State, choice: Choice<'_>) -> Option<usize> {
        // SAFETY: who chooses has the baton.
        let servers = || unsafe { servers_may_tell() };
        match run() {
            Some(run) => Replay::pick(run, &mut state.replay, choice, servers),
            None => choice.ready.first().copied(),
        }
    }

    fn end_of_wait(&self, state: &State, slot: &Slot) -> u32 {
        match run() {
            _ if slot.offer != 0 => slot.offer,
            Some(run) if run.is_interrupted(&state.replay, slot) => reason::INTERRUPTED,
            _ => reason::TIMED_OUT,
        }
    }

    fn keeps_time(&self) -> bool {
        true
    }

    fn tires(&self, _: &mut State, _: &mut Slot) -> bool {
        false
    }

    fn when_nobody_can_go(&self, state: &State) -> u32 {
        match run() {
            Some(run) if !state.replay.follow => match run.script.event(state.replay.position) {
                Some(_) => phase::DIVERGED,
                None => phase::REPLAYED,
            },
            _ => phase::DEADLOCK,
        }
    }

    fn is_early(&self, py: Python<'_>) -> bool {
        super::is_early(py)
    }

    fn has_turn(&self, py: Python<'_>) {
        super::at_stop(py);
    }

    fn waited(&self, py: Python<'_>, reason: u32) -> u32 {
        super::signal(py);
        if super::is_signalled(py) {
            return reason::INTERRUPTED;
        }
        if reason == reason::INTERRUPTED {
            super::interrupt(py);
        }
        reason
    }

    fn recorded(&self, py: Python<'_>, made: &Made) {
        super::recorded(py, made);
    }

    fn started(&self, py: Python<'_>) {
        super::signal(py);
    }

    fn acts(&self, py: Python<'_>, for_another: bool) {
        match for_another {
            true => super::act(py),
            false => super::act_no_more(py),
        }
    }

    fn made_up(&self) -> u32 {
        run().map_or(0, |run| run.script.made_up())
    }

    unsafe fn to_come(&self) -> u64 {
        super::to_come()
    }

    fn finds_data(&self, py: Python<'_>) -> Option<bool> {
        super::finds_data(py)
    }

    fn answer(&self, py: Python<'_>, op: u8, object: u32) -> Answer<'static> {
        super::answer(py, op, object)
    }

    fn answer_within(&self, py: Python<'_>, op: u8, waited: bool) -> Answer<'static> {
        super::answer_within(py, op, waited)
    }

    fn next_event(&self, py: Python<'_>, op: u8, object: u32) -> Next<'static> {
        super::next_event(py, op, object)
    }

    fn is_settled(&self, py: Python<'_>) -> bool {
        super::exactly(py)
    }

    unsafe fn is_done(&self, slot: &Slot) -> bool {
        super::is_done(slot)
    }

    unsafe fn forked(&self) {
        super::forked();
    }

    unsafe fn gives_up(&self, waiting: &mut Waiting, idle: Duration) -> bool {
        patience::is_over(waiting, idle)
    }
}
