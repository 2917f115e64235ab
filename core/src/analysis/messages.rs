//! What messages and tasks order: a message sent before it is received, a task finished before
//! its result is used.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use super::clock::{join, Clock, Gathered, Stamp};
use crate::model::Event;
use crate::ops;

/// The FINISHes of one task, or of the pieces of one.
#[derive(Default)]
struct Finished {
    known: Gathered,
    /// The latest of each thread.
    last: Vec<(u32, u64)>,
}

/// The messages that are under way, by the end of the pipe that sent them, and finished tasks.
#[derive(Default)]
pub struct Messages {
    sent: FxHashMap<u32, VecDeque<Stamp>>,
    finished: FxHashMap<u32, Finished>,
}

impl Messages {
    /// A message that no later event names. What was pickled names itself when it is received, so
    /// this is either bytes, or was never received: then there is nothing behind it in the pipe.
    pub fn send(&mut self, e: &Event, stamp: Stamp) {
        self.sent.entry(e.target).or_default().push_back(stamp);
    }

    /// The oldest message from `end`: bytes do not say which message they are.
    pub fn oldest(&mut self, end: u32) -> Option<Stamp> {
        self.sent.get_mut(&end)?.pop_front()
    }

    pub fn finish(&mut self, e: &Event, stamp: &Stamp) {
        let finished = self.finished.entry(e.target).or_default();
        finished.known.add(stamp);
        match finished.last.iter_mut().find(|(t, _)| *t == e.thread) {
            Some((_, seq)) => *seq = e.seq,
            None => finished.last.push((e.thread, e.seq)),
        }
    }

    /// `e` uses what came out of a task: it comes after each FINISH so far.
    pub fn use_result(
        &self,
        e: &Event,
        clock: &mut Clock,
        edge: &mut dyn FnMut(u64, &'static str),
    ) {
        let Some(finished) = self.finished.get(&e.target) else {
            return;
        };
        let kind = match e.op {
            ops::CALLBACK => "callback",
            _ => "result",
        };
        for &(thread, seq) in &finished.last {
            if super::clock::reached(clock, thread) < seq && thread != e.thread {
                edge(seq, kind);
            }
        }
        join(clock, &finished.known.clock);
    }
}
