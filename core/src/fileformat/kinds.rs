//! Which ops the events of each block have, as far as is known: a search for some of them passes over the
//! blocks that have none.

use crate::model::Event;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One bit for each op; zeros where that is not known.
type Ops = [u64; 4];

#[derive(Default)]
pub struct Kinds(Mutex<Vec<Ops>>);

impl Kinds {
    fn known(&self) -> MutexGuard<'_, Vec<Ops>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The block has these events.
    pub fn learn(&self, block: usize, events: &[Event]) {
        let mut known = self.known();
        if known.len() <= block {
            known.resize(block + 1, Ops::default());
        }
        let ops = &mut known[block];
        if *ops == Ops::default() {
            for event in events {
                ops[usize::from(event.op) / 64] |= 1 << (event.op % 64);
            }
        }
    }

    /// Whether the block is known to have no event of these ops.
    pub fn lacks(&self, block: usize, wanted: &[u8]) -> bool {
        let known = self.known();
        let Some(ops) = known.get(block).filter(|ops| **ops != Ops::default()) else {
            return false;
        };
        let has = |op: &u8| ops[usize::from(*op) / 64] & (1 << (op % 64)) != 0;
        !wanted.iter().any(has)
    }
}
