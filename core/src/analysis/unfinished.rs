//! What was still going on when the log ends: waits that never ended, locks never released,
//! threads without an end; and deadlocks, where threads wait for each other's locks or ends in a
//! circle, or all of them for ever.

use rustc_hash::FxHashMap;

use super::access::{Point, Raw};
use super::locks::Locks;
use crate::model::{Event, Tables};
use crate::ops;

#[derive(Clone, Debug, PartialEq)]
pub struct Unfinished {
    pub thread: u32,
    /// What is waited for or held; 0 for a thread that runs.
    pub object: u32,
    pub since: u64,
    /// "waiting", "held" or "running".
    pub what: &'static str,
}

#[derive(Default)]
struct Thread {
    began: u64,
    ended: bool,
    requests: Vec<(u32, Point, bool)>,
}

#[derive(Default)]
pub struct Pending {
    threads: FxHashMap<u32, Thread>,
    /// The threads that have begun, by the objects that stand for them.
    begun: FxHashMap<u32, u32>,
}

impl Pending {
    pub fn step(&mut self, e: &Event, locks: &mut Locks) {
        match e.op {
            ops::BEGIN => {
                self.threads.entry(e.thread).or_default().began = e.seq;
                self.begun.insert(e.target, e.thread);
            }
            ops::END => self.threads.entry(e.thread).or_default().ended = true,
            ops::REQUEST => {
                let bounded = e.outcome == ops::outcome::BOUNDED;
                let point = Point::new(e, &locks.held(e.thread));
                let requests = &mut self.threads.entry(e.thread).or_default().requests;
                requests.push((e.target, point, bounded));
            }
            ops::JOIN
            | ops::ACQUIRE
            | ops::WAIT
            | ops::PUT
            | ops::GET
            | ops::RECV
            | ops::POLL
            | ops::RESULT => {
                if let Some(thread) = self.threads.get_mut(&e.thread) {
                    // A wait for several futures is on no object, and ends with any of them.
                    let ended = |object: u32| object == e.target || object == 0;
                    thread.requests.retain(|(object, ..)| !ended(*object));
                }
            }
            _ => {}
        }
    }

    pub fn list(&self, tables: &Tables, locks: &mut Locks) -> Vec<Unfinished> {
        let mut out = Vec::new();
        for thread in 1..=tables.threads.len() as u32 {
            let state = self.threads.get(&thread);
            let row = |object, since, what| Unfinished {
                thread,
                object,
                since,
                what,
            };
            let ended = state.is_some_and(|s| s.ended);
            if !ended {
                let requests = state.map_or(&[][..], |s| &s.requests);
                out.extend(requests.iter().map(|(o, p, _)| row(*o, p.seq, "waiting")));
                let began = state.map_or(0, |s| s.began);
                if requests.is_empty() && began != 0 {
                    out.push(row(0, began, "running"));
                }
            }
            let held = locks.held(thread);
            out.extend(held.iter().map(|s| row(s.lock, s.since, "held")));
        }
        out
    }

    /// Circles of threads of which each waits, without a timeout, for a lock that the next holds or
    /// for the next's end. Where there is none, and the run ended since all were `stuck`: all.
    pub fn deadlocks(&self, locks: &mut Locks, stuck: bool) -> Vec<Raw> {
        let mut waits: FxHashMap<u32, (u32, &Point)> = FxHashMap::default();
        for (thread, state) in self.threads.iter().filter(|(_, s)| !s.ended) {
            if let Some((lock, point, false)) = state.requests.last() {
                let owner = match locks.owner(*lock) {
                    0 => self.begun.get(lock).copied().unwrap_or(0),
                    owner => owner,
                };
                if owner != 0 {
                    waits.insert(*thread, (owner, point));
                }
            }
        }
        let mut out = Vec::new();
        let mut threads: Vec<u32> = waits.keys().copied().collect();
        threads.sort_unstable();
        for start in threads {
            let mut circle = vec![start];
            while let Some((owner, _)) = waits.get(&circle[circle.len() - 1]) {
                if circle.contains(owner) {
                    // Told once, by the lowest of its threads.
                    if *owner == start && circle.iter().all(|t| *t >= start) {
                        let points = circle.iter().map(|t| waits[t].1.clone()).collect();
                        out.push(deadlock("", circle.clone(), points));
                    }
                    break;
                }
                circle.push(*owner);
            }
        }
        if stuck && out.is_empty() {
            let waiting = self.threads.iter().filter(|(_, state)| !state.ended);
            let mut waiting: Vec<(u32, Point)> = waiting
                .filter_map(|(thread, state)| Some((*thread, state.requests.last()?.1.clone())))
                .collect();
            waiting.sort_unstable_by_key(|(thread, _)| *thread);
            let (threads, points) = waiting.into_iter().unzip();
            out.push(deadlock("stuck", threads, points));
        }
        out
    }
}

fn deadlock(rule: &'static str, threads: Vec<u32>, points: Vec<Point>) -> Raw {
    Raw {
        kind: "deadlock",
        rule,
        observed: true,
        location: 0,
        object: 0,
        points,
        witness: Vec::new(),
        threads,
        count: 1,
        total: None,
        locations: 1,
    }
}
