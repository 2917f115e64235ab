//! Threads that wait for each other's locks or ends in a circle.

use super::access::{Point, Raw};
use super::locks::Locks;
use super::rules::Rule;
use super::waits::{Circle, Pending, Request, Thread, Wait};
use crate::model::Tables;

impl Pending {
    /// What the thread waits for without a timeout, if a thread must do something for it: that
    /// thread, the lock or the object that stands for it, and since when.
    fn waits_for(&self, thread: u32, locks: &Locks) -> Option<(u32, &Request)> {
        let state = self.threads.get(&thread).filter(|s| !s.is_over())?;
        let request = state.requests.last()?;
        let owner = match locks.owner(request.object) {
            0 => self.begun.get(&request.object).copied()?,
            owner => owner,
        };
        (!request.bounded).then_some((owner, request))
    }

    /// The circle of threads that the thread is in.
    pub(super) fn circle(&self, thread: u32, locks: &Locks) -> Option<Circle> {
        let mut circle = Circle::new();
        let mut next = thread;
        while circle.is_empty() || next != thread {
            let (owner, request) = self.waits_for(next, locks)?;
            if circle.iter().any(|wait| wait.thread == next) {
                return None; // it only leads to one
            }
            circle.push(Wait {
                thread: next,
                object: request.object,
                point: request.point.holding(&locks.sections(next)),
            });
            next = owner;
        }
        circle.sort_unstable_by_key(|wait| wait.point.seq);
        Some(circle)
    }

    /// The thread that the object stands for has ended: killed, if it has not said so.
    pub(super) fn joined(&mut self, object: u32, locks: &Locks) {
        if let Some(thread) = self.begun.get(&object).copied() {
            self.interrupted(thread, locks);
            self.threads.entry(thread).or_default().gone = true;
        }
    }

    /// A signal ends the thread's wait, or the thread, and may so break the circle that it is in.
    pub(super) fn interrupted(&mut self, thread: u32, locks: &Locks) {
        let waits = |state: &Thread| state.ended || !state.requests.is_empty();
        if let Some(circle) = self.circle(thread, locks) {
            // Who waits for a Lock that it holds may be waiting for another thread to release it.
            if circle.len() > 1 || self.threads.values().all(waits) {
                self.note(circle);
            }
        }
    }

    pub(super) fn note(&mut self, circle: Circle) {
        let mut threads: Vec<u32> = circle.iter().map(|wait| wait.thread).collect();
        threads.sort_unstable();
        self.circles.entry(threads).or_insert(circle);
    }

    /// Circles of threads of which each waits, without a timeout, for a lock that the next holds or
    /// for the next's end: when the log ended, or when a signal ended one of the waits. Where there
    /// is none, what hung.
    pub fn deadlocks(&mut self, tables: &Tables, locks: &Locks) -> Vec<Raw> {
        let threads: Vec<u32> = self.threads.keys().copied().collect();
        for thread in threads {
            if let Some(circle) = self.circle(thread, locks) {
                self.note(circle);
            }
        }
        if !self.judged {
            self.judge(tables, locks, self.ending.over);
        }
        let hang = self
            .hang
            .take()
            .filter(|hang| !self.was_meant(tables, hang));
        let circles = std::mem::take(&mut self.circles).into_values();
        let mut out: Vec<Raw> = circles
            .filter(|circle| !is_signal(circle, locks))
            .map(|circle| {
                let threads = circle.iter().map(|wait| wait.thread).collect();
                let points = circle.into_iter().map(|wait| wait.point).collect();
                deadlock(Rule::Circle, 0, threads, points)
            })
            .collect();
        out.extend(hang.map(|hang| deadlock(Rule::Hang, hang.object, hang.threads, hang.points)));
        out
    }
}

/// Whether threads wait in it for another one to release their lock, which need not hold it.
pub(super) fn is_signal(circle: &Circle, locks: &Locks) -> bool {
    circle.iter().any(|wait| locks.is_signal(wait.object))
}

fn deadlock(rule: Rule, object: u32, threads: Vec<u32>, points: Vec<Point>) -> Raw {
    Raw {
        observed: true,
        object,
        points,
        threads,
        count: 1,
        ..Raw::new(rule)
    }
}
