//! `pos`: Yuan, Yang, Gu, "Partial Order Aware Concurrency Sampling", CAV 2018.
//!
//! Every event that a thread is about to make has a random priority; the ready thread of the highest
//! goes. Events that race with the one that is made draw theirs anew, so that each order of two
//! events that race is as likely as the other, however many others lie between.

use super::{Choice, Slot, State, Strategy};
use crate::ops;

pub struct Pos;

impl Strategy for Pos {
    fn born(&self, state: &mut State, slot: &mut Slot, _: &str) {
        slot.priority = state.next_random();
    }

    fn next(&self, state: &mut State, choice: Choice<'_>) -> Option<usize> {
        if let Some((chooser, _)) = choice.chooser {
            choice.slots[chooser].priority = state.next_random();
        }
        let highest = choice.ready.iter().rev();
        let next = *highest.max_by_key(|&&slot| choice.slots[slot].priority)?;
        for &slot in choice.ready {
            if slot != next && race(&choice.slots[slot], &choice.slots[next]) {
                choice.slots[slot].priority = state.next_random();
            }
        }
        Some(next)
    }

    fn tires(&self, _: &mut State, slot: &mut Slot) -> bool {
        slot.priority = 0;
        true
    }
}

/// Whether the order of what the two are about to do may matter.
fn race(one: &Slot, other: &Slot) -> bool {
    let reads = |slot: &Slot| slot.op == u32::from(ops::READ);
    one.target != 0 && one.target == other.target && !(reads(one) && reads(other))
}
