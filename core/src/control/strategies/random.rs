//! `random`: at each scheduling point one of the ready threads, all equally likely.

use super::{Choice, State, Strategy};

pub struct Random;

impl Strategy for Random {
    fn next(&self, state: &mut State, choice: Choice<'_>) -> Option<usize> {
        Some(choice.ready[state.below(choice.ready.len())])
    }
}
