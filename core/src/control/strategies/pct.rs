//! `pct`: Burckhardt, Kothari, Musuvathi, Nagarakatte, "A Randomized Scheduler with Probabilistic
//! Guarantees of Finding Bugs", ASPLOS 2010.
//!
//! Every thread gets a random priority of at least `depth`; the ready thread of the highest runs.
//! At depth - 1 random steps out of `length` the running thread's priority falls to 1 ... depth - 1.
//! A bug that needs `depth` orderings is found with probability 1 / (threads * length^(depth - 1)).

use super::{Choice, Slot, State, Strategy, MOST_CHANGES};

pub struct Pct;

/// Below the priorities of the change points are those of threads that ran in circles.
const CHANGED: u64 = 1 << 32;
const RANDOM: u64 = 1 << 33;

impl Strategy for Pct {
    fn begin(&self, state: &mut State) {
        let changes = (state.depth.saturating_sub(1) as usize).min(MOST_CHANGES);
        state.changes = [0; MOST_CHANGES];
        for index in 0..changes {
            state.changes[index] = 1 + state.below(state.length.max(1) as usize) as u64;
        }
        state.lowest = CHANGED - 1;
    }

    fn born(&self, state: &mut State, slot: &mut Slot, _: &str) {
        slot.priority = RANDOM + (state.next_random() >> 8);
    }

    fn next(&self, state: &mut State, choice: Choice<'_>) -> Option<usize> {
        let due = state.changes.iter().position(|&at| at == choice.step);
        if let (Some(index), Some(current)) = (due, choice.current) {
            choice.slots[current].priority = CHANGED + index as u64;
        }
        let highest = choice.ready.iter().rev();
        highest
            .max_by_key(|&&slot| choice.slots[slot].priority)
            .copied()
    }

    fn tires(&self, state: &mut State, slot: &mut Slot) -> bool {
        slot.priority = state.lowest;
        state.lowest -= 1;
        true
    }
}
