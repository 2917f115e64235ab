//! A consumer that leaves when it finds the queue empty may come before the producer: it leaves
//! for good, and a producer that then joins the queue waits for ever. This is predicted where the
//! consumer left at such a check and nothing made it wait for the items that it did find.

use rustc_hash::{FxHashMap, FxHashSet};

use super::access::{add_thread, Access, Known, Point, Raw};
use crate::model::{Event, Value};
use crate::ops;

/// The checks of one thread at one site.
struct Checks {
    last: Point,
    empty: bool,
    /// It went on after the queue was empty, and will see what comes later.
    polls: bool,
    /// A check which nothing orders after a put that it should have seen, and that put.
    early: Option<(Point, Point)>,
}

/// What is known of one queue.
#[derive(Default)]
pub struct Leaving {
    checks: FxHashMap<(u32, u32), Checks>,
    puts: FxHashMap<u32, (u64, Point)>,
    gets: u64,
}

fn found_empty(e: &Event) -> Option<bool> {
    match (e.op, e.value) {
        (ops::QSIZE, Value::Int(n)) => Some(n == 0),
        (ops::EMPTY, Value::Bool(b)) => Some(b),
        _ => None,
    }
}

impl Leaving {
    /// The thread takes an item, or waits for one: it did not leave.
    pub fn get(&mut self, e: &Event) {
        self.gets += u64::from(e.op == ops::GET);
        for ((thread, _), checks) in &mut self.checks {
            checks.polls |= *thread == e.thread && checks.empty;
        }
    }

    /// A put comes after others have found the queue empty, and nothing made it.
    pub fn put(&mut self, a: &Access) {
        let now = Point::new(a.e, &a.held);
        for ((thread, _), checks) in &mut self.checks {
            let unordered = *thread != now.thread && !a.weak.has(*thread, checks.last.seq);
            if checks.empty && checks.early.is_none() && unordered {
                checks.early = Some((checks.last.clone(), now.clone()));
            }
        }
        let count = self.puts.get(&now.thread).map_or(0, |(count, _)| *count);
        self.puts.insert(now.thread, (count + 1, now));
    }

    pub fn check(&mut self, a: &Access) {
        let empty = found_empty(a.e);
        let ordered = self.ordered(&a.weak);
        let unordered = self
            .puts
            .iter()
            .filter(|(thread, (_, last))| !a.weak.has(**thread, last.seq))
            .min_by_key(|(thread, _)| **thread)
            .map(|(_, (_, last))| last.clone());
        let now = Point::new(a.e, &a.held);
        let checks = self
            .checks
            .entry((a.e.thread, a.e.site))
            .or_insert_with(|| Checks {
                last: now.clone(),
                empty: false,
                polls: false,
                early: None,
            });
        checks.polls |= checks.empty;
        checks.empty = empty == Some(true);
        if empty == Some(false) && checks.early.is_none() && ordered <= self.gets {
            checks.early = unordered.map(|put| (now.clone(), put));
        }
        checks.last = now;
    }

    /// How many puts happened before what the thread does now.
    fn ordered(&self, weak: &Known) -> u64 {
        let known = self
            .puts
            .iter()
            .filter(|(thread, (_, last))| weak.has(**thread, last.seq));
        known.map(|(_, (count, _))| count).sum()
    }

    /// `guards_get`: the sites in the tests that a `get` depends on.
    pub fn finish(self, guards_get: &FxHashSet<u32>, queue: u32) -> Vec<Raw> {
        let mut left: FxHashMap<u32, Raw> = FxHashMap::default();
        let mut checks: Vec<_> = self.checks.into_iter().collect();
        checks.sort_by_key(|(key, _)| *key);
        for ((thread, site), checks) in checks {
            let leaves = checks.empty && !checks.polls;
            let early = checks
                .early
                .filter(|_| leaves && guards_get.contains(&site));
            let Some((check, put)) = early else {
                continue;
            };
            let observed = check.seq < put.seq;
            let raw = left.entry(site).or_insert_with(|| Raw {
                kind: "atomicity-violation",
                rule: "queue-empty",
                observed,
                location: 0,
                object: queue,
                witness: match observed {
                    true => Vec::new(),
                    false => vec![check.seq, put.seq],
                },
                points: match observed {
                    true => vec![check, put.clone()],
                    false => vec![put.clone(), check],
                },
                threads: Vec::new(),
                count: 1,
                total: None,
                locations: 1,
            });
            add_thread(&mut raw.threads, thread);
            add_thread(&mut raw.threads, put.thread);
        }
        left.into_values().collect()
    }
}
