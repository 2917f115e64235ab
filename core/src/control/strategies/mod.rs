//! Strategies: who runs next. Each is one small file with the one interface `Strategy`.

mod pct;
mod pos;
mod random;
mod schedule;
pub mod state;
#[cfg(test)]
mod tests;

use super::page::{phase, reason, Slot};
use crate::record::buffer::Made;
use crate::record::gate::{Answer, Next};
pub use state::{name_of, splitmix, Progress, State, Switch, MOST_CHANGES};
use std::sync::OnceLock;
use std::time::Duration;

/// The moment of a choice.
pub struct Choice<'a> {
    pub slots: &'a mut [Slot],
    /// Who can go on, in the order of slots; never empty unless the strategy keeps the time.
    pub ready: &'a [usize],
    /// Who had the baton, if it is among the ready.
    pub current: Option<usize>,
    /// Who chooses, and for the which time; None if that is no thread of the run.
    pub chooser: Option<(usize, u32)>,
    /// How often no thread of the run has chosen.
    pub nameless: u32,
    /// The number of this scheduling point.
    pub step: u64,
}

impl Choice<'_> {
    /// Who goes on by default: who had the baton, for as long as it can, and then the one that was
    /// made first; but threads are started one after another before any of them does something.
    pub fn usual(&self) -> Option<usize> {
        let current = self.current.filter(|slot| self.ready.contains(slot));
        let usual = match self.current {
            Some(_) => self.starter().or(current),
            None => self.started(),
        };
        usual.or(self.ready.first().copied())
    }

    /// Who has started the thread that had the baton, if that has just begun.
    pub fn starter(&self) -> Option<usize> {
        let starter = self.slots[self.current?].starter.checked_sub(1)? as usize;
        self.ready.contains(&starter).then_some(starter)
    }

    /// Whom the thread has started that waits now, maybe for its beginning.
    fn started(&self) -> Option<usize> {
        let (chooser, _) = self.chooser?;
        let is_its = |slot: &&usize| self.slots[**slot].starter == chooser as u32 + 1;
        self.ready.iter().find(is_its).copied()
    }

    /// What a schedule calls this choice: the name of who makes it, and for the which time.
    pub fn place(&self) -> (u64, u32) {
        self.chooser.map_or((0, self.nameless), |(slot, count)| {
            (self.slots[slot].name, count)
        })
    }
}

pub trait Strategy: Sync {
    /// The run begins.
    fn begin(&self, _state: &mut State) {}

    /// A thread of that logical path has come into being in the slot.
    fn born(&self, _state: &mut State, _slot: &mut Slot, _path: &str) {}

    /// A thread that was not recorded has this logical path from now on.
    fn appears(&self, _state: &mut State, _slot: &mut Slot, _path: &str) {}

    /// The slot that runs next: one of `choice.ready`, or, if the strategy keeps the time, any that
    /// waits. None if nobody is to go on now.
    fn next(&self, state: &mut State, choice: Choice<'_>) -> Option<usize>;

    /// The thread has run for long while others were ready. Whether it waits for them: then someone
    /// else will be asked for next.
    fn tires(&self, _state: &mut State, _slot: &mut Slot) -> bool {
        true
    }

    /// Whether the strategy says when waits end without what was waited for. Else time jumps to the
    /// earliest deadline when nobody can go on.
    fn keeps_time(&self) -> bool {
        false
    }

    /// Why the wait of a thread that was picked ends, if nothing else has ended it.
    fn end_of_wait(&self, _state: &State, _slot: &Slot) -> u32 {
        reason::TIMED_OUT
    }

    /// How the run ends when nobody can go on and nobody is outside: a phase.
    fn when_nobody_can_go(&self, _state: &State) -> u32 {
        phase::DEADLOCK
    }

    /// Whether the calling thread goes before its turn.
    fn is_early(&self, _py: pyo3::Python<'_>) -> bool {
        false
    }

    /// The calling thread has got its turn.
    fn has_turn(&self, _py: pyo3::Python<'_>) {}

    /// The wait of the calling thread has ended, for that reason; the reason that it is to know.
    fn waited(&self, _py: pyo3::Python<'_>, reason: u32) -> u32 {
        reason
    }

    /// The calling thread has made an event.
    fn recorded(&self, _py: pyo3::Python<'_>, _made: &Made) {}

    /// The process that the calling thread has started is there.
    fn started(&self, _py: pyo3::Python<'_>) {}

    /// Whether the calling thread makes events of another one from here on.
    fn acts(&self, _py: pyo3::Python<'_>, _for_another: bool) {}

    /// The last number from which the recorded run made up idents and pids.
    fn made_up(&self) -> u32 {
        0
    }

    /// How many events are still to be made, as far as that is known.
    ///
    /// # Safety
    /// The calling thread has the baton, or the GIL while nobody else can get it.
    unsafe fn to_come(&self) -> u64 {
        0
    }

    /// What the calling thread is told of the operation on the object, as by `record::gate::answer`.
    fn answer(&self, _py: pyo3::Python<'_>, _op: u8, _object: u32) -> Answer<'static> {
        Answer::Go
    }

    /// What it is told of a part of such an operation, as by `record::gate::answer_within`.
    fn answer_within(&self, _py: pyo3::Python<'_>, _op: u8, _waited: bool) -> Answer<'static> {
        Answer::Go
    }

    /// What is known of the calling thread's next event, as by `record::gate::next`.
    fn next_event(&self, _py: pyo3::Python<'_>, _op: u8, _object: u32) -> Next<'static> {
        Next::Unknown
    }

    /// Whether the calling thread, which looks into a pipe, finds something there; None: that is open.
    fn finds_data(&self, _py: pyo3::Python<'_>) -> Option<bool> {
        None
    }

    /// Whether it is settled how the run goes on, event for event, and how its processes end: by
    /// `Slot::ended`, when each thread is done.
    fn is_settled(&self, _py: pyo3::Python<'_>) -> bool {
        false
    }

    /// Whether the thread of the slot has made all its events.
    ///
    /// # Safety
    /// The calling thread has the baton, or the GIL while nobody else can get it.
    unsafe fn is_done(&self, _slot: &Slot) -> bool {
        true
    }

    /// This process has been forked, and has numbers of its own.
    ///
    /// # Safety
    /// The calling thread has the baton, or the GIL while nobody else can get it.
    unsafe fn forked(&self) {}

    /// Whether the run is given up, in which nobody has gone on for so long.
    ///
    /// # Safety
    /// The calling thread has the baton, or the GIL while nobody else can get it.
    unsafe fn gives_up(&self, _waiting: &mut Waiting, _idle: Duration) -> bool {
        false
    }
}

/// How long the threads have had that a run waits for in which nobody goes on.
#[derive(Default)]
pub struct Waiting {
    pub limit: Duration,
    /// What they had computed when it was first looked at, in ns.
    pub computed: Option<u64>,
}

/// The strategies that need no recorded run, by the names that the command line gives them.
pub const STRATEGIES: &[(&str, &dyn Strategy)] = &[
    ("random", &random::Random),
    ("pct", &pct::Pct),
    ("pos", &pos::Pos),
    (GIVEN, &schedule::Schedule),
];

/// The strategy that makes the switches that it is given.
const GIVEN: &str = "schedule";

/// Those that need only a seed.
pub fn seeded() -> impl Iterator<Item = &'static str> {
    let names = STRATEGIES.iter().map(|(name, _)| *name);
    names.filter(|&name| name != GIVEN)
}

/// The strategy that needs a recorded run to follow.
pub const FOLLOWING: &str = "replay";

static FOLLOWER: OnceLock<&'static dyn Strategy> = OnceLock::new();

/// The kind that is not in the table.
const FOLLOWING_KIND: usize = STRATEGIES.len();

/// This is the strategy that follows a recorded run. Only the first call counts.
pub fn follow_by(strategy: &'static dyn Strategy) {
    let _ = FOLLOWER.set(strategy);
}

/// The kind of the strategy with the name; None if there is none.
pub fn kind(name: &str) -> Option<u32> {
    let mut names = STRATEGIES
        .iter()
        .map(|(known, _)| *known)
        .chain([FOLLOWING]);
    names
        .position(|known| known == name)
        .map(|kind| kind as u32)
}

/// Whether the run follows a recorded one.
pub fn follows(state: &State) -> bool {
    state.kind as usize == FOLLOWING_KIND
}

pub fn of(state: &State) -> &'static dyn Strategy {
    match STRATEGIES.get(state.kind as usize) {
        Some((_, strategy)) => *strategy,
        None => *FOLLOWER.get().expect("set as the core is imported"),
    }
}
