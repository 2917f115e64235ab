//! The tasks of pools that have several workers.
//!
//! Which worker takes a task is chance, so two tasks that one worker has done are ordered by that as
//! little as two critical sections are by their turns: another run may do them at once. For what is
//! predicted each task therefore stands for a thread of its own, a *strand* of its worker, which
//! begins with what its submission and the worker's initializer knew. A worker has only a few
//! strands, which its tasks have in turn.
//!
//! What only the worker reaches is the worker's *own* (`owned`), whichever of its tasks uses it. A
//! pool that has one worker orders its tasks by that: they are no strands.

use rustc_hash::FxHashMap;

use super::clock::{Clock, Stamp};
use super::happens_before::Order;
use super::owned::Owners;
use super::Each;
use crate::model::{is_word, Event, Tables};
use crate::ops;

/// The value of the START of one of several workers.
const WORKER: &[u8] = b"worker";
/// So many tasks of a worker, one after the other, are told apart.
const STRANDS: u32 = 8;

/// The workers of a log, and what is each one's own.
#[derive(Default)]
pub struct Tasks {
    /// How many threads there are; the ids of strands come after theirs.
    threads: u32,
    workers: Vec<u32>,
    /// By thread: its place among the workers, plus one.
    places: Vec<u32>,
    /// By location: the worker whose own it is; 0 if it is nobody's.
    own: Vec<u32>,
}

/// What an event means for the strands of its worker.
#[derive(Clone, Copy, PartialEq)]
pub enum Turn {
    Nothing,
    /// The strand has a new task.
    Begins,
    /// The strand uses what is its worker's own.
    Own,
    /// The worker ends.
    Ends,
}

/// An event as it is where tasks are threads.
pub struct Seen {
    /// Its thread is the strand, or the worker if it is about what is the worker's own.
    pub event: Event,
    pub worker: u32,
    /// 0 outside tasks.
    pub strand: u32,
    pub turn: Turn,
}

impl Tasks {
    /// Looks for workers; most logs have none.
    pub fn of<E>(tables: &Tables, each: &Each<E>) -> Result<Tasks, E> {
        let mut tasks = Tasks {
            threads: tables.threads.len() as u32,
            places: vec![0; tables.threads.len() + 1],
            ..Tasks::default()
        };
        if !tables.strings.iter().any(|text| text == WORKER) {
            return Ok(tasks);
        }
        let mut owners = Owners::new(tables);
        each(&mut |e| {
            if e.op == ops::START && is_word(tables, e.value, WORKER) {
                tasks.add(tables, e.target);
            }
            owners.step(tables, e);
        })?;
        tasks.own = owners.finish(tables, &tasks.workers);
        Ok(tasks)
    }

    fn add(&mut self, tables: &Tables, object: u32) {
        let row = tables.objects.get((object as usize).wrapping_sub(1));
        let thread = row.map_or(0, |row| row.thread);
        if let Some(place) = self.places.get_mut(thread as usize) {
            if thread != 0 && *place == 0 {
                self.workers.push(thread);
                *place = self.workers.len() as u32;
            }
        }
    }

    /// The highest id of a thread or strand.
    pub fn most(&self) -> u32 {
        self.threads + self.workers.len() as u32 * STRANDS
    }

    /// The thread that a strand is of; that of a thread is itself.
    pub fn worker_of(&self, strand: u32) -> u32 {
        let place = strand.checked_sub(self.threads + 1);
        place.map_or(strand, |place| self.workers[(place / STRANDS) as usize])
    }

    /// From the beginning of the log.
    pub fn walk(&self) -> Walk<'_> {
        Walk {
            tasks: self,
            begun: vec![0; self.workers.len()],
        }
    }
}

/// One pass of the log.
pub struct Walk<'a> {
    tasks: &'a Tasks,
    /// How many tasks each worker has begun.
    begun: Vec<u64>,
}

impl Walk<'_> {
    pub fn step(&mut self, e: &Event) -> Seen {
        let mut seen = Seen {
            event: *e,
            worker: e.thread,
            strand: 0,
            turn: Turn::Nothing,
        };
        let place = self.tasks.places.get(e.thread as usize);
        let Some(place) = place.and_then(|place| place.checked_sub(1)) else {
            return seen;
        };
        let begun = &mut self.begun[place as usize];
        if e.op == ops::RUN {
            *begun += 1;
            seen.turn = Turn::Begins;
        }
        // Callbacks come after a task's end, and belong to it.
        let Some(before) = begun.checked_sub(1) else {
            return seen;
        };
        if e.op == ops::END {
            seen.turn = Turn::Ends;
            return seen;
        }
        let turn = (before % u64::from(STRANDS)) as u32;
        seen.strand = self.tasks.threads + 1 + place * STRANDS + turn;
        let own = self.tasks.own.get(e.target as usize);
        match e.op <= ops::ITERATE && own == Some(&e.thread) {
            true => seen.turn = Turn::Own,
            false => seen.event.thread = seen.strand,
        }
        seen
    }
}

/// What strands know when they begin, and what their workers know of them.
#[derive(Default)]
pub struct Strands {
    /// By worker: the strand that it has now.
    current: FxHashMap<u32, u32>,
    /// By worker: what it knew before its first task.
    initial: FxHashMap<u32, Stamp>,
    /// By thread: it has accessed something.
    accessed: Vec<bool>,
}

impl Strands {
    pub fn new(tasks: &Tasks) -> Self {
        Strands {
            accessed: vec![false; tasks.most() as usize + 1],
            ..Strands::default()
        }
    }

    /// Before the event is taken by the orders. In `strong` the tasks of a worker come one after the
    /// other, in `weak` they do not.
    pub fn step(&mut self, seen: &Seen, strong: &mut Order, weak: &mut Order) {
        let Seen { worker, strand, .. } = *seen;
        let before = seen.event.seq - 1;
        match seen.turn {
            Turn::Nothing | Turn::Own => {
                if seen.event.op <= ops::ITERATE {
                    self.accessed[seen.event.thread as usize] = true;
                }
            }
            Turn::Ends => self.leave(worker, before, strong, weak),
            Turn::Begins => {
                self.leave(worker, before, strong, weak);
                self.current.insert(worker, strand);
                let known = stamp(strong, worker, before);
                known.publish(strong.clock(strand));
                // Who has not been prepared for the tasks was started for any of them.
                let prepared = self.accessed[worker as usize];
                let initial = self.initial.entry(worker).or_insert_with(|| Stamp {
                    clock: match prepared {
                        true => weak.clock(worker).clone(),
                        false => Clock::default(),
                    },
                    thread: worker,
                    seq: before,
                });
                initial.publish(weak.clock(strand));
                strong.add_strand(worker, strand);
                weak.add_strand(worker, strand);
            }
        }
    }

    fn leave(&mut self, worker: u32, seq: u64, strong: &mut Order, weak: &mut Order) {
        if let Some(strand) = self.current.remove(&worker) {
            stamp(strong, strand, seq).publish(strong.clock(worker));
            stamp(weak, strand, seq).publish(weak.clock(worker));
        }
    }

    /// Before an access that is taken for the worker's: it knows what the strand knows, and the strand
    /// of the access.
    pub fn use_own(seen: &Seen, order: &mut Order) {
        let seq = seen.event.seq;
        stamp(order, seen.strand, seq).publish(order.clock(seen.worker));
        let access = Stamp {
            thread: seen.worker,
            seq,
            clock: Clock::default(),
        };
        access.publish(order.clock(seen.strand));
    }
}

fn stamp(order: &mut Order, thread: u32, seq: u64) -> Stamp {
    Stamp {
        thread,
        seq,
        clock: order.clock(thread).clone(),
    }
}
