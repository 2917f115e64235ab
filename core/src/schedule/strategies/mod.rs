//! Strategies: who runs next. Each is one small file with the one interface `Strategy`.

mod pct;
mod random;
pub mod replay;
#[cfg(test)]
mod tests;

use super::page::{phase, reason, Slot};
use super::replay::Progress;

/// A strategy's memory. It lies in the control page, so that it is one for all processes.
#[repr(C)]
pub struct State {
    /// Which strategy: an index of `STRATEGIES`.
    pub kind: u32,
    /// pct: the depth of the bugs it is to find.
    pub depth: u32,
    /// pct: how many steps the run is expected to take.
    pub length: u64,
    pub seed: u64,
    /// The state of the random numbers.
    pub random: u64,
    /// pct: the steps at which the running thread falls behind, the furthest at the first.
    pub changes: [u64; MOST_CHANGES],
    /// pct: the next priority for a thread that runs in circles.
    pub lowest: u64,
    pub replay: Progress,
}

pub const MOST_CHANGES: usize = 64;

impl State {
    pub fn next_random(&mut self) -> u64 {
        splitmix(&mut self.random)
    }

    /// A random number below `limit`, which is not 0.
    pub fn below(&mut self, limit: usize) -> usize {
        ((u128::from(self.next_random()) * limit as u128) >> 64) as usize
    }
}

/// The next random number (splitmix64).
pub fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The moment of a choice.
pub struct Choice<'a> {
    pub slots: &'a mut [Slot],
    /// Who can go on, in the order of slots; never empty unless the strategy keeps the time.
    pub ready: &'a [usize],
    /// Who had the baton, if it is among the ready.
    pub current: Option<usize>,
    /// The number of this scheduling point.
    pub step: u64,
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
}

/// The strategy that needs a recorded run to follow; the others need only a seed.
pub const FOLLOWING: &str = "replay";

/// The strategies by the names that the command line gives them.
pub const STRATEGIES: &[(&str, &dyn Strategy)] = &[
    ("random", &random::Random),
    ("pct", &pct::Pct),
    (FOLLOWING, &replay::Replay),
];

pub fn of(state: &State) -> &'static dyn Strategy {
    STRATEGIES[state.kind as usize].1
}
