//! What a thread happened to get in time, and would have gone on without: a lock that it tried to take, a
//! message, the end of a thread that it waited for no longer than a while.
//!
//! Of a call that may end in vain the rewriter says which sites of its function are reached whatever
//! came of it (`Site::regardless`). Those of them that rest on no test of its answer are accessed without
//! what the call gave: they hold no lock by it, and come after nothing by it. All else that the thread
//! does, in functions that it calls, say, is taken to rest on it.

use rustc_hash::FxHashMap;

use super::clock::{join, Clock};
use super::happens_before::Order;
use super::locks::{Section, Sections};
use super::site;
use crate::model::{Event, Tables, Value};
use crate::ops::{self, outcome};

/// One thread that was lucky.
#[derive(Default)]
struct Lucky {
    /// What it knows but for its luck.
    clock: Clock,
    /// The calls, each with its first event.
    calls: Vec<(u32, u64)>,
    /// The acquires.
    acquires: Vec<u64>,
}

#[derive(Default)]
pub struct Luck {
    /// By thread.
    threads: FxHashMap<u32, Lucky>,
}

/// Whether the event is a success of a call that may end in vain.
fn is_lucky(tables: &Tables, e: &Event) -> bool {
    let ended = match e.op {
        ops::ACQUIRE | ops::GET | ops::PUT | ops::JOIN => e.outcome == outcome::OK,
        // A barrier's tells the generation, and raises where its time is over.
        ops::WAIT => e.outcome == outcome::OK && !matches!(e.value, Value::Int(_)),
        ops::RESULT => matches!(e.outcome, outcome::OK | outcome::RAISED),
        _ => false,
    };
    ended && site(tables, e.site).is_some_and(|s| !s.regardless.is_empty())
}

impl Lucky {
    /// The calls of which nothing is needed at the site; None if it needs one of them.
    fn regardless(&self, tables: &Tables, at: u32) -> bool {
        let guards = site(tables, at).map_or(&[][..], |s| &s.guards);
        self.calls.iter().all(|(call, _)| {
            let later = site(tables, *call).map_or(&[][..], |s| &s.regardless);
            later.contains(&at) && !guards.contains(call)
        })
    }
}

impl Luck {
    /// The order of the event where what threads happened to get does not count for more than it must.
    pub fn step(&mut self, tables: &Tables, weak: &mut Order, e: &Event) {
        let lucky = is_lucky(tables, e);
        let known = self.threads.contains_key(&e.thread);
        if !lucky && !known {
            weak.step(e, &mut |_, _| {});
            return;
        }
        let all = weak.clock(e.thread).clone();
        let thread = self.threads.entry(e.thread).or_insert_with(|| Lucky {
            clock: all.clone(),
            ..Lucky::default()
        });
        if lucky {
            weak.step(e, &mut |_, _| {});
            if !thread.calls.iter().any(|(call, _)| *call == e.site) {
                thread.calls.push((e.site, e.seq));
            }
            if e.op == ops::ACQUIRE {
                thread.acquires.push(e.seq);
            }
            return;
        }
        *weak.clock(e.thread) = thread.clock.clone();
        weak.arrive(e, &mut |_, _| {});
        thread.clock = weak.clock(e.thread).clone();
        let mut all = all;
        join(&mut all, &thread.clock);
        if thread.regardless(tables, e.site) {
            weak.offer(e);
            *weak.clock(e.thread) = all;
        } else {
            *weak.clock(e.thread) = all;
            weak.offer(e);
        }
    }

    /// The thread is another one from here on.
    pub fn forget(&mut self, thread: u32) {
        self.threads.remove(&thread);
    }

    /// The thread has learnt something by a variable.
    pub fn learn(&mut self, thread: u32, clock: &Clock) {
        if let Some(lucky) = self.threads.get_mut(&thread) {
            join(&mut lucky.clock, clock);
        }
    }

    /// What the thread knows and holds at the site whatever it happened to get; None where that is all.
    pub fn without(
        &self,
        tables: &Tables,
        e: &Event,
        held: &Sections,
    ) -> Option<(Clock, Sections)> {
        let lucky = self.threads.get(&e.thread)?;
        lucky.regardless(tables, e.site).then(|| {
            let kept = |section: &&Section| !lucky.acquires.contains(&section.since);
            let held = held.iter().filter(kept).copied().collect();
            (lucky.clock.clone(), held)
        })
    }

    /// The first event of each call that the thread did not need at the site.
    pub fn not_needed(&self, tables: &Tables, thread: u32, at: u32) -> Vec<u64> {
        let lucky = self.threads.get(&thread);
        let lucky = lucky.filter(|lucky| lucky.regardless(tables, at));
        lucky.map_or(Vec::new(), |lucky| {
            lucky.calls.iter().map(|(_, seq)| *seq).collect()
        })
    }
}
