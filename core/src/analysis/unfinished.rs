//! What each thread is about, and what was still going on when the log ends: waits that never ended,
//! locks never released, threads without an end.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::access::Point;
use super::locks::Locks;
use super::waits::{Ending, Pending, Request};
use crate::model::{is_word, Event, Tables, Value};
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

impl Pending {
    pub fn new(tables: &Tables, ending: Ending) -> Self {
        Pending {
            threads: FxHashMap::default(),
            circles: BTreeMap::default(),
            begun: FxHashMap::default(),
            workers: FxHashSet::default(),
            touched: vec![0; tables.objects.len() + 1],
            ending,
            judged: false,
            hang: None,
        }
    }

    pub fn step(&mut self, e: &Event, tables: &Tables, locks: &mut Locks) {
        if self.ending.stop != 0 && e.seq >= self.ending.stop && !self.judged {
            self.judge(tables, locks, e.t);
        }
        if let Some(t) = self.touched.get_mut(e.target as usize) {
            *t = e.t;
        }
        match e.op {
            ops::START if matches!(e.value, Value::Str(_)) => {
                self.workers.insert(e.target);
            }
            ops::BEGIN => {
                let thread = self.threads.entry(e.thread).or_default();
                (thread.began, thread.worker) = (e.seq, self.workers.contains(&e.target));
                self.begun.insert(e.target, e.thread);
            }
            ops::END => {
                let thread = self.threads.entry(e.thread).or_default();
                thread.ended = true;
                thread.requests.clear();
                thread.failed = e.outcome == RAISED && !is_word(tables, e.value, b"SystemExit");
            }
            ops::SLEEP => self.threads.entry(e.thread).or_default().sleeps = true,
            ops::WAKE => self.threads.entry(e.thread).or_default().sleeps = false,
            ops::RUN => self
                .threads
                .entry(e.thread)
                .or_default()
                .tasks
                .push(e.target),
            ops::FINISH => {
                let thread = self.threads.entry(e.thread).or_default();
                if let Some(i) = thread.tasks.iter().rposition(|task| *task == e.target) {
                    thread.tasks.remove(i);
                    thread.worker = true;
                }
            }
            // The end of a process that another one has been told of.
            ops::STEP if matches!(e.value, Value::Int(_)) => self.told_gone(e.target),
            ops::OBSERVE if e.value == Value::Bool(false) => self.told_gone(e.target),
            ops::REQUEST => {
                let request = Request {
                    object: e.target,
                    point: Point::new(e, &locks.held(e.thread)),
                    bounded: e.outcome == ops::outcome::BOUNDED,
                    t: e.t,
                    word: e.value,
                };
                let thread = self.threads.entry(e.thread).or_default();
                thread.requests.push(request);
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
                    thread.requests.retain(|request| !ended(request.object));
                }
            }
            _ => {}
        }
    }

    fn told_gone(&mut self, object: u32) {
        if let Some(thread) = self.begun.get(&object) {
            self.threads.entry(*thread).or_default().gone = true;
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
            if !state.is_some_and(|s| s.ended && s.requests.is_empty()) {
                let requests = state.map_or(&[][..], |s| &s.requests);
                out.extend(
                    requests
                        .iter()
                        .map(|r| row(r.object, r.point.seq, "waiting")),
                );
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
}
