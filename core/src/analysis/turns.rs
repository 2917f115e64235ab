//! Turns at a lock, or at what keeps threads apart as one does, that can come in one order only.
//!
//! Which thread takes a lock first is chance, mostly: another run may see the other order. But where
//! one critical section began before the other could (it started that thread, or sent it what it
//! waited for), it must also end before the other begins.

use rustc_hash::FxHashMap;

use super::clock::{reached, Clock, Stamp};

#[derive(Default)]
struct Lock {
    /// The thread that holds it, since when, and how often it has taken it.
    holder: Option<(u32, u64, u32)>,
    /// Who gave it back without having taken it: before that nobody can have it.
    made: Option<Stamp>,
    /// By thread: the beginning and the end of its last critical section.
    sections: FxHashMap<u32, (u64, Stamp)>,
}

#[derive(Default)]
pub struct Turns {
    locks: FxHashMap<u32, Lock>,
}

impl Turns {
    /// `clock` is what the thread knows when it takes the lock.
    pub fn acquired(&mut self, lock: u32, thread: u32, seq: u64, clock: &mut Clock) {
        let lock = self.locks.entry(lock).or_default();
        match &mut lock.holder {
            Some((holder, _, depth)) if *holder == thread => *depth += 1,
            holder => *holder = Some((thread, seq, 1)),
        }
        if let Some(made) = &lock.made {
            made.publish(clock);
        }
        for (other, (since, end)) in &lock.sections {
            // What another thread released for this one, that had taken it, had to come first.
            let began = *other == thread || reached(clock, *other) >= *since;
            if end.thread != thread && began {
                end.publish(clock);
            }
        }
    }

    pub fn released(&mut self, lock: u32, end: Stamp) {
        let lock = self.locks.entry(lock).or_default();
        if let Some((holder, since, depth)) = lock.holder {
            lock.sections.insert(holder, (since, end));
            lock.holder = (depth > 1).then_some((holder, since, depth - 1));
        } else {
            lock.made = Some(end);
        }
    }
}
