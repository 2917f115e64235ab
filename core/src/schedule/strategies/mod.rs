//! Strategies: who runs next. Each is one small file with the one interface `Strategy`.

mod pct;
mod random;
pub mod replay;

use super::page::Slot;

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
    /// pct: the steps at which the running thread falls behind, in rising order.
    pub changes: [u64; MOST_CHANGES],
    /// pct: the next priority for a thread that runs in circles.
    pub lowest: u64,
    /// replay: the index of the event that comes next.
    pub position: u64,
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
    /// Who can go on, in the order of slots; never empty.
    pub ready: &'a [usize],
    /// Who had the baton, if it is among the ready.
    pub current: Option<usize>,
    /// The number of this scheduling point.
    pub step: u64,
}

pub trait Strategy: Sync {
    /// The run begins.
    fn begin(&self, _state: &mut State) {}

    /// A thread has come into being in the slot.
    fn born(&self, _state: &mut State, _slot: &mut Slot) {}

    /// The slot that runs next: one of `choice.ready`.
    fn next(&self, state: &mut State, choice: Choice<'_>) -> usize;

    /// The thread has run for long while others were ready, so it waits for them: someone else
    /// will be asked for next.
    fn tired(&self, _state: &mut State, _slot: &mut Slot) {}
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
