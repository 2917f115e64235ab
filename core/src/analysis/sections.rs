//! What is done in the critical sections in which a thread waits for something: whether it changes
//! anything after the test, before it lets the lock go; and which looks were in vain, so that it waited.

use rustc_hash::FxHashSet;

use crate::model::{Event, Tables};
use crate::ops::{self, outcome};

/// Whether such an event is done to others, and not only to keep them apart.
pub fn does_more(op: u8) -> bool {
    matches!(
        op,
        ops::WRITE
            | ops::DELETE
            | ops::UPDATE
            | ops::START
            | ops::NOTIFY
            | ops::SET
            | ops::CLEAR
            | ops::PUT
            | ops::GET
            | ops::SEND
            | ops::SUBMIT
            | ops::FINISH
    )
}

/// What a thread holds, and the tests that it came to in the sections that it is in.
#[derive(Clone, Default)]
struct Inside {
    depth: u32,
    /// Each with how many locks were held then.
    tests: Vec<(u32, u32)>,
    /// The looks that it has done nothing after.
    looks: Vec<u64>,
}

/// Looks in a first pass.
#[derive(Default)]
pub struct Survey {
    /// By thread.
    inside: Vec<Inside>,
    /// By site.
    changes: Vec<bool>,
    /// By object: it is a Condition.
    conditions: Vec<bool>,
    in_vain: FxHashSet<u64>,
}

impl Survey {
    pub fn new(tables: &Tables, threads: u32) -> Self {
        let condition = |kind: u32| {
            let name = tables.strings.get((kind as usize).wrapping_sub(1));
            name.is_some_and(|name| name == b"Condition")
        };
        let conditions = tables.objects.iter().map(|object| condition(object.kind));
        Survey {
            conditions: [false].into_iter().chain(conditions).collect(),
            in_vain: FxHashSet::default(),
            inside: vec![Inside::default(); threads as usize + 1],
            changes: vec![false; tables.sites.len() + 1],
        }
    }

    /// `waits`: by site, the tests of loops that wait.
    pub fn step(&mut self, e: &Event, waits: &[bool]) {
        let waits_for_condition = e.op == ops::REQUEST && self.is_condition(e.target);
        let Some(inside) = self.inside.get_mut(e.thread as usize) else {
            return;
        };
        if !matches!(e.op, ops::READ | ops::ITERATE) {
            let looks = inside.looks.drain(..);
            self.in_vain.extend(looks.filter(|_| waits_for_condition));
        }
        match e.op {
            ops::ACQUIRE if e.outcome == outcome::OK => inside.depth += 1,
            ops::RELEASE => {
                inside.depth = inside.depth.saturating_sub(1);
                let depth = inside.depth;
                inside.tests.retain(|(_, held)| *held <= depth);
            }
            ops::READ | ops::ITERATE if waits.get(e.site as usize) == Some(&true) => {
                let (site, depth) = (e.site, inside.depth);
                if depth > 0 {
                    inside.looks.push(e.seq);
                }
                if depth > 0 && !inside.tests.iter().any(|(known, _)| *known == site) {
                    inside.tests.push((site, depth));
                }
            }
            op if does_more(op) => {
                for (site, _) in inside.tests.drain(..) {
                    self.changes[site as usize] = true;
                }
            }
            _ => {}
        }
    }

    pub fn is_condition(&self, object: u32) -> bool {
        self.conditions.get(object as usize) == Some(&true)
    }

    /// Whether the thread waited for a Condition after the look.
    pub fn is_in_vain(&self, look: u64) -> bool {
        self.in_vain.contains(&look)
    }

    /// Whether some thread has changed something after the test at the site.
    pub fn changes_after(&self, site: u32) -> bool {
        self.changes.get(site as usize).copied().unwrap_or(true)
    }
}
