//! What strategies remember: plain data, in memory that the processes of a run share.

/// A strategy's memory. It lies in the control page, so that it is one for all processes.
#[repr(C)]
pub struct State {
    /// Which strategy: see `strategies::kind`.
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
    /// schedule: the switches that it makes, in order.
    pub switches: Schedule,
    pub replay: Progress,
}

pub const MOST_CHANGES: usize = 64;

/// When a thread chooses for the `count`th time who goes on, another does than by default. Threads
/// are named by `name_of` their paths; 0 is no thread.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Switch {
    pub from: u64,
    pub count: u32,
    pub to: u64,
    /// Whether who chose could have gone on.
    pub preempts: bool,
    /// The event that is made next.
    pub event: u64,
}

pub const MOST_SWITCHES: usize = 16_384;

/// A run's choices, as far as they are not those by default.
#[repr(C)]
pub struct Schedule {
    pub used: u32,
    /// Whether there were more than are kept.
    pub is_cut: bool,
    pub switches: [Switch; MOST_SWITCHES],
}

impl Schedule {
    pub fn push(&mut self, switch: Switch) {
        match self.switches.get_mut(self.used as usize) {
            Some(place) => {
                *place = switch;
                self.used += 1;
            }
            None => self.is_cut = true,
        }
    }

    pub fn sort(&mut self) {
        self.switches[..self.used as usize].sort_unstable();
    }

    pub fn all(&self) -> &[Switch] {
        &self.switches[..self.used as usize]
    }
}

/// What a thread of that logical path is called in a schedule (FNV-1a).
pub fn name_of(path: &str) -> u64 {
    path.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}

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

/// How far a recorded run has come that is done again. It lies in the control page, so that it is one for all processes.
#[repr(C)]
pub struct Progress {
    /// The index of the event that comes next.
    pub position: u64,
    /// The index of the event before which the run stops, + 1; 0: it does not stop.
    pub stop: u64,
    /// Whether the run goes on when it does something else than the trace says.
    pub follow: bool,
    /// Of a run that goes on: how many events were the trace's.
    pub found: u64,
    /// Of a run that goes on: how many events in a row were not.
    pub strays: u64,
    /// How often a thread was let go a step that is no event, since the last event.
    pub helped: u64,
    /// The index of the last event that a signal brought about, + 1: it comes once.
    pub interrupted: u64,
}

impl Progress {
    /// How many events were the trace's.
    pub fn matched(&self) -> u64 {
        match self.follow {
            true => self.found,
            false => self.position,
        }
    }
}
