//! A consumer that leaves when it finds the queue empty may come before the producer: it leaves
//! for good, and a producer that then joins the queue waits forever. This is predicted where the
//! consumer left at such a check and nothing made it wait for the items that it did find.
//!
//! An item of a `multiprocessing.Queue` comes when the feeder thread of the putting process sends
//! it: a check that is ordered after the put may still come before that.

use rustc_hash::{FxHashMap, FxHashSet};

use super::access::{add_thread, Access, Known, Point, Raw};
use super::rules::Rule;
use crate::model::{Event, Value};
use crate::ops;

/// The checks of one thread at one site.
struct Checks {
    last: Point,
    empty: bool,
    /// It went on after the queue was empty, and will see what comes later.
    polls: bool,
    /// A check which nothing orders after a put that it should have seen.
    early: Option<Early>,
}

#[derive(Clone)]
struct Early {
    check: Point,
    put: Point,
    /// The check found the queue empty, and the item came later.
    observed: bool,
}

/// The items of one producer: how many, the event with which the last one came, and its put.
struct Put {
    count: u64,
    came: u64,
    put: Point,
}

/// What is known of one queue.
#[derive(Default)]
pub struct Leaving {
    checks: FxHashMap<(u32, u32), Checks>,
    puts: FxHashMap<u32, Put>,
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

    pub fn has_items(&self) -> bool {
        !self.puts.is_empty()
    }

    /// The item that was put by `put` comes with `a`, after others have found the queue empty, and
    /// nothing made it.
    pub fn put(&mut self, a: &Access, put: Point) {
        for ((thread, _), checks) in &mut self.checks {
            let unordered = *thread != a.e.thread && !a.weak.has(*thread, checks.last.seq);
            if checks.empty && checks.early.is_none() && unordered {
                checks.early = Some(Early {
                    check: checks.last.clone(),
                    put: put.clone(),
                    observed: true,
                });
            }
        }
        let count = self.puts.get(&a.e.thread).map_or(0, |last| last.count) + 1;
        let came = a.e.seq;
        self.puts.insert(a.e.thread, Put { count, came, put });
    }

    pub fn check(&mut self, a: &Access) {
        let empty = found_empty(a.e);
        let ordered = self.ordered(&a.weak);
        let unordered = self
            .puts
            .iter()
            .filter(|(thread, last)| !a.weak.has(**thread, last.came))
            .min_by_key(|(thread, _)| **thread)
            .map(|(_, last)| last.put.clone());
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
            checks.early = unordered.map(|put| Early {
                check: now.clone(),
                put,
                observed: false,
            });
        }
        checks.last = now;
    }

    /// How many puts happened before what the thread does now.
    fn ordered(&self, weak: &Known) -> u64 {
        let known = self
            .puts
            .iter()
            .filter(|(thread, last)| weak.has(**thread, last.came));
        known.map(|(_, last)| last.count).sum()
    }

    /// `fed`: items come when a feeder thread has sent them. `guards_get`: the sites in the tests that a
    /// `get` depends on.
    pub fn finish(self, fed: bool, guards_get: &FxHashSet<u32>, queue: u32) -> Vec<Raw> {
        let mut left: FxHashMap<u32, Raw> = FxHashMap::default();
        let mut checks: Vec<_> = self.checks.into_iter().collect();
        checks.sort_by_key(|(key, _)| *key);
        for ((thread, site), checks) in checks {
            let leaves = checks.empty && !checks.polls;
            let early = checks
                .early
                .filter(|_| leaves && guards_get.contains(&site));
            let Some(early) = early else {
                continue;
            };
            let Early {
                check,
                put,
                observed,
            } = early;
            let mut points = vec![check.clone(), put.clone()];
            points.sort_by_key(|point| point.seq);
            let raw = left.entry(site).or_insert_with(|| Raw {
                observed,
                object: queue,
                // When the item of a fed queue comes is in no event of the program.
                witness: match observed || fed {
                    true => Vec::new(),
                    false => vec![check.seq, put.seq],
                },
                points,
                count: 1,
                ..Raw::new(match fed {
                    true => Rule::QueueEmptyFed,
                    false => Rule::QueueEmpty,
                })
            });
            add_thread(&mut raw.threads, thread);
            add_thread(&mut raw.threads, put.thread);
        }
        left.into_values().collect()
    }
}
