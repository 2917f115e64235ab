//! Which runs are the same but for the order of events that commute: a hash of the partial order.
//!
//! Each event is a hash of what it is, of its thread's event before, and of the last event that it
//! does not commute with. Runs of the same program whose threads end in the same hashes have the
//! same happens-before class. After Musuvathi and Qadeer, "Partial-Order Reduction for
//! Context-Bounded State Exploration" (2007).

use super::site;
use crate::model::{Event, Tables};
use crate::ops;
use std::collections::HashMap;

/// What has been done to an object or location: a hash of its last change and of the reads since,
/// whose order does not matter.
#[derive(Clone, Copy, Default)]
struct State {
    change: u64,
    reads: u64,
}

pub struct Classes<'t> {
    tables: &'t Tables,
    threads: HashMap<u32, u64>,
    states: HashMap<(bool, u32), State>,
}

impl<'t> Classes<'t> {
    pub fn new(tables: &'t Tables) -> Self {
        Classes {
            tables,
            threads: HashMap::new(),
            states: HashMap::new(),
        }
    }

    pub fn add(&mut self, e: &Event) {
        // A thread that waits, or goes on, does nothing to what it waits for.
        if matches!(e.op, ops::REQUEST | ops::WAKE) {
            return;
        }
        let path = || {
            let row = self.tables.threads.get((e.thread as usize).wrapping_sub(1));
            row.map_or(0, |row| bytes(0, row.path.as_bytes()))
        };
        let thread = self.threads.entry(e.thread).or_insert_with(path);
        let place = site(self.tables, e.site).map_or(0, |site| {
            mix(
                u64::from(site.line) << 32 | u64::from(site.column),
                u64::from(site.end_column),
            )
        });
        let mut hash = mix(
            *thread,
            mix(u64::from(e.op) << 8 | u64::from(e.outcome), place),
        );
        if e.target != 0 {
            let state = self
                .states
                .entry((e.op <= ops::ITERATE, e.target))
                .or_default();
            hash = mix(hash, state.change);
            if e.op == ops::READ {
                state.reads = state.reads.wrapping_add(hash);
            } else {
                hash = mix(hash, state.reads);
                *state = State {
                    change: hash,
                    reads: 0,
                };
            }
        }
        *thread = hash;
    }

    /// The class of the events so far.
    pub fn hash(&self) -> u64 {
        let each = self.threads.values().map(|&hash| mix(hash, 1));
        each.fold(0, u64::wrapping_add)
    }
}

fn mix(a: u64, b: u64) -> u64 {
    let mixed = (a ^ b.rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ b;
    (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}

fn bytes(start: u64, text: &[u8]) -> u64 {
    text.iter()
        .fold(start, |hash, &byte| mix(hash, u64::from(byte) + 1))
}
