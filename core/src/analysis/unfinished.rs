//! What was still going on when the log ends: waits that never ended, locks never released,
//! threads without an end; and deadlocks, where threads wait for each other's locks or ends in a
//! circle, or all of them for ever.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::access::{Point, Raw};
use super::locks::Locks;
use crate::model::{Event, Tables};
use crate::ops::{
    self,
    outcome::{INTERRUPTED, OK, RAISED},
};

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
    /// Whether another thread knows that it has ended: it may have been killed.
    gone: bool,
    requests: Vec<(u32, Point, bool)>,
}

/// A wait that cannot end, in a circle of them; these stand in the order in which they began.
struct Wait {
    thread: u32,
    object: u32,
    point: Point,
}

type Circle = Vec<Wait>;

#[derive(Default)]
pub struct Pending {
    threads: FxHashMap<u32, Thread>,
    /// The circles that were broken, by their threads.
    circles: BTreeMap<Vec<u32>, Circle>,
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
                if matches!(e.outcome, INTERRUPTED | RAISED) {
                    self.interrupted(e.thread, locks);
                } else if e.op == ops::JOIN && e.outcome == OK {
                    self.joined(e.target, locks);
                }
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

    /// What the thread waits for without a timeout, if a thread must do something for it: that
    /// thread, the lock or the object that stands for it, and since when.
    fn waits_for(&self, thread: u32, locks: &Locks) -> Option<(u32, u32, &Point)> {
        let state = self
            .threads
            .get(&thread)
            .filter(|state| !state.ended && !state.gone)?;
        let (object, point, bounded) = state.requests.last()?;
        let owner = match locks.owner(*object) {
            0 => self.begun.get(object).copied()?,
            owner => owner,
        };
        (!bounded).then_some((owner, *object, point))
    }

    /// The circle of threads that the thread is in.
    fn circle(&self, thread: u32, locks: &Locks) -> Option<Circle> {
        let mut circle = Circle::new();
        let mut next = thread;
        while circle.is_empty() || next != thread {
            let (owner, object, point) = self.waits_for(next, locks)?;
            if circle.iter().any(|wait| wait.thread == next) {
                return None; // it only leads to one
            }
            circle.push(Wait {
                thread: next,
                object,
                point: point.clone(),
            });
            next = owner;
        }
        circle.sort_unstable_by_key(|wait| wait.point.seq);
        Some(circle)
    }

    /// The thread that the object stands for has ended: killed, if it has not said so.
    fn joined(&mut self, object: u32, locks: &Locks) {
        if let Some(thread) = self.begun.get(&object).copied() {
            self.interrupted(thread, locks);
            self.threads.entry(thread).or_default().gone = true;
        }
    }

    /// A signal ends the thread's wait, or the thread, and may so break the circle that it is in.
    fn interrupted(&mut self, thread: u32, locks: &Locks) {
        let waits = |state: &Thread| state.ended || !state.requests.is_empty();
        if let Some(circle) = self.circle(thread, locks) {
            // Who waits for a Lock that it holds may be waiting for another thread to release it.
            if circle.len() > 1 || self.threads.values().all(waits) {
                self.note(circle);
            }
        }
    }

    fn note(&mut self, circle: Circle) {
        let mut threads: Vec<u32> = circle.iter().map(|wait| wait.thread).collect();
        threads.sort_unstable();
        self.circles.entry(threads).or_insert(circle);
    }

    /// Circles of threads of which each waits, without a timeout, for a lock that the next holds or
    /// for the next's end: when the log ended, or when a signal ended one of the waits. Where there
    /// is none, and the run ended since all were `stuck`: all.
    pub fn deadlocks(&mut self, locks: &Locks, stuck: bool) -> Vec<Raw> {
        let threads: Vec<u32> = self.threads.keys().copied().collect();
        for thread in threads {
            if let Some(circle) = self.circle(thread, locks) {
                self.note(circle);
            }
        }
        let circles = std::mem::take(&mut self.circles).into_values();
        let mut out: Vec<Raw> = circles
            .filter(|circle| !circle.iter().any(|wait| locks.is_signal(wait.object)))
            .map(|circle| {
                let threads = circle.iter().map(|wait| wait.thread).collect();
                deadlock(
                    "",
                    threads,
                    circle.into_iter().map(|wait| wait.point).collect(),
                )
            })
            .collect();
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
