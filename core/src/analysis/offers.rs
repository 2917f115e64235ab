//! What has been done to an object so far that later events are ordered after.

use super::clock::{join, Clock, Gathered, Stamp};
use crate::model::{Event, Value};
use crate::ops;
use std::collections::VecDeque;

/// Those who have come to a barrier to go on together.
#[derive(Default)]
struct Generation {
    arrived: Gathered,
    arrivals: Vec<u64>,
    departures: usize,
}

#[derive(Default)]
pub struct Offers {
    pub released: Option<Stamp>,
    /// Those of a semaphore that processes share.
    pub releases: Gathered,
    sets: Gathered,
    sets_before_clear: Gathered,
    pub notifies: Gathered,
    breaks: Gathered,
    pub puts: Gathered,
    /// What was written into a channel of the system, and its closing.
    pub sends: Gathered,
    pub tasks_done: Gathered,
    pub shutdown: Gathered,
    generations: VecDeque<(i64, Generation)>,
}

impl Offers {
    /// Whether `add` keeps events of this op.
    pub fn has(op: u8) -> bool {
        matches!(
            op,
            ops::SET
                | ops::CLEAR
                | ops::NOTIFY
                | ops::RESET
                | ops::ABORT
                | ops::PUT
                | ops::TASK_DONE
                | ops::SHUTDOWN
                | ops::ARRIVE
        )
    }

    /// The event was made, with this stamp.
    pub fn add(&mut self, e: &Event, stamp: &Stamp) {
        match e.op {
            ops::SET => self.sets.add(stamp),
            ops::CLEAR => self.sets_before_clear.absorb(&mut self.sets),
            ops::NOTIFY => self.notifies.add(stamp),
            ops::RESET | ops::ABORT => self.breaks.add(stamp),
            ops::PUT => self.puts.add(stamp),
            ops::TASK_DONE => self.tasks_done.add(stamp),
            ops::SHUTDOWN => self.shutdown.add(stamp),
            ops::ARRIVE => {
                if let Value::Int(number) = e.value {
                    self.arrive(number, e.seq, stamp);
                }
            }
            _ => {}
        }
    }

    /// The sets that can have made the event's flag true: those since it was last cleared.
    pub fn sets(&self) -> Gathered {
        match self.sets.is_empty() {
            true => self.sets_before_clear.clone(),
            false => self.sets.clone(),
        }
    }

    fn arrive(&mut self, number: i64, seq: u64, stamp: &Stamp) {
        if !self.generations.iter().any(|(n, _)| *n == number) {
            self.generations.push_back((number, Generation::default()));
        }
        for (n, generation) in &mut self.generations {
            if *n == number {
                generation.arrived.add(stamp);
                generation.arrivals.push(seq);
            }
        }
    }

    /// One of those who came to the barrier as this number goes on: what it knows from then on. `edge`
    /// is told of each arrival; None if nobody came so.
    pub fn depart(
        &mut self,
        number: i64,
        edge: &mut dyn FnMut(u64, &'static str),
    ) -> Option<Clock> {
        let place = self.generations.iter().position(|(n, _)| *n == number)?;
        let generation = &mut self.generations[place].1;
        generation.departures += 1;
        let mut known = generation.arrived.clock.clone();
        join(&mut known, &self.breaks.clock);
        for seq in &generation.arrivals {
            edge(*seq, "barrier");
        }
        if generation.departures == generation.arrivals.len() {
            self.generations.remove(place);
        }
        Some(known)
    }
}
