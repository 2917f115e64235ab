//! Vector clocks whose components are sequence numbers: `clock[t]` is the last event of thread `t`
//! that is known to have happened. So an event's epoch is its own thread and sequence number, and
//! `a` happened before `b` exactly when the clock of `b` has reached `a.seq` in `a`'s thread.

use std::rc::Rc;

/// Shared until somebody has to change it: most events of a thread see the same clock.
pub type Clock = Rc<Vec<u64>>;

/// What is known to have happened in `thread`.
pub fn reached(clock: &[u64], thread: u32) -> u64 {
    clock.get(thread as usize).copied().unwrap_or(0)
}

fn raise(clock: &mut Clock, thread: u32, seq: u64) {
    if reached(clock, thread) < seq {
        let clock = Rc::make_mut(clock);
        if clock.len() <= thread as usize {
            clock.resize(thread as usize + 1, 0);
        }
        clock[thread as usize] = seq;
    }
}

/// Add everything that `other` knows to `clock`.
pub fn join(clock: &mut Clock, other: &Clock) {
    if Rc::ptr_eq(clock, other) {
        return;
    }
    let ahead = other.len() > clock.len() || other.iter().zip(clock.iter()).any(|(o, c)| o > c);
    if !ahead {
        return;
    }
    let clock = Rc::make_mut(clock);
    if clock.len() < other.len() {
        clock.resize(other.len(), 0);
    }
    for (c, o) in clock.iter_mut().zip(other.iter()) {
        *c = (*c).max(*o);
    }
}

/// An event as a source of edges: itself and all that happened before it.
#[derive(Clone, Debug)]
pub struct Stamp {
    pub thread: u32,
    pub seq: u64,
    pub clock: Clock,
}

impl Stamp {
    /// Put the event, and what happened before it, into `clock`.
    pub fn publish(&self, clock: &mut Clock) {
        join(clock, &self.clock);
        raise(clock, self.thread, self.seq);
    }
}

/// Several events as one source of edges.
#[derive(Clone, Debug, Default)]
pub struct Gathered {
    pub clock: Clock,
    /// The latest of them; 0 if there is none.
    pub last: u64,
}

impl Gathered {
    pub fn add(&mut self, stamp: &Stamp) {
        stamp.publish(&mut self.clock);
        self.last = stamp.seq;
    }

    pub fn absorb(&mut self, other: &mut Gathered) {
        join(&mut self.clock, &other.clock);
        self.last = self.last.max(other.last);
        *other = Gathered::default();
    }

    pub fn is_empty(&self) -> bool {
        self.last == 0
    }
}
