//! Lost wakeups: a thread looks at a variable without the lock of a Condition, and waits for the
//! Condition because of what it saw. Who changes the variable and notifies between the two is missed.
//!
//! Observed where that came between in the run, predicted where nothing orders it, and no lock
//! that is held from the look to the wait keeps it out. Of a wait with a timeout which is made again
//! and again, or after which the thread looks again, nothing is told: it only comes late.

use rustc_hash::FxHashMap;

use super::access::{add_thread, Access, Known, Point, Raw};
use super::locks::unbroken;
use super::reads::{Mark, Reads};
use super::rules::Rule;
use super::site;
use crate::model::{Tables, Value};
use crate::ops::{self, outcome};

/// A look and the wait that rested on it, the last of a thread at a site.
struct Wait {
    look: Mark,
    point: Point,
    kept: Vec<u32>,
    /// It has a timeout.
    bounded: bool,
    /// The thread has waited there before.
    again: bool,
}

/// The last of a thread at a site.
struct Notify {
    point: Point,
    weak: Known,
}

/// The last change of a variable by a thread.
struct Change {
    point: Point,
    value: Value,
}

struct Found {
    raw: Raw,
    look: (u32, u32),
    bounded: bool,
    wait: u64,
}

#[derive(Default)]
pub struct Wakeups {
    /// By Condition, thread and site.
    waits: FxHashMap<(u32, u32, u32), Wait>,
    notifies: FxHashMap<(u32, u32, u32), Notify>,
    /// By location and thread.
    changes: FxHashMap<(u32, u32), Change>,
    /// By location, and the sites of the wait and of the change.
    found: FxHashMap<(u32, u32, u32), Found>,
}

impl Wakeups {
    /// A thread changes a variable that others look at.
    pub fn wrote(&mut self, location: u32, a: &Access) {
        let change = Change {
            point: Point::new(a.e, &a.held),
            value: a.e.value,
        };
        self.changes.insert((location, a.e.thread), change);
    }

    /// A thread begins to wait for a Condition, or notifies it; it holds its lock.
    pub fn step(&mut self, tables: &Tables, a: &Access, reads: &Reads) {
        let (e, key) = (a.e, (a.e.target, a.e.thread, a.e.site));
        if e.op == ops::NOTIFY {
            let notify = Notify {
                point: Point::new(e, &a.held),
                weak: a.weak.clone(),
            };
            let waits = self.waits.iter().filter(|((on, ..), _)| *on == e.target);
            let told: Vec<_> = waits
                .filter_map(|(_, wait)| self.tell(wait, &notify))
                .collect();
            told.into_iter().for_each(|found| self.keep(found));
            self.notifies.insert(key, notify);
            return;
        }
        let Some(look) = look(tables, a, reads) else {
            self.waits.remove(&key);
            return;
        };
        let mut wait = Wait {
            look: look.clone(),
            point: Point::new(e, &a.held),
            kept: Vec::new(),
            bounded: e.outcome == outcome::BOUNDED,
            again: self.waits.contains_key(&key),
        };
        unbroken(&look.held, &a.held, &mut wait.kept);
        let notifies = self.notifies.iter().filter(|((on, ..), _)| *on == e.target);
        let told: Vec<_> = notifies
            .filter_map(|(_, notify)| self.tell(&wait, notify))
            .collect();
        told.into_iter().for_each(|found| self.keep(found));
        self.waits.insert(key, wait);
    }

    /// What is found if the change and the notification can come between the look and the wait.
    fn tell(&self, wait: &Wait, notify: &Notify) -> Option<Found> {
        let (by, thread) = (notify.point.thread, wait.point.thread);
        let change = self.changes.get(&(wait.look.location, by))?;
        let apart = by != thread && !notify.point.locks.iter().any(|l| wait.kept.contains(l));
        let tells = change.point.seq < notify.point.seq && change.value != wait.look.value;
        if !apart || !tells || wait.bounded && wait.again {
            return None;
        }
        let observed = wait.look.seq < change.point.seq && notify.point.seq < wait.point.seq;
        let open =
            !wait.look.weak.has(by, change.point.seq) && !notify.weak.has(thread, wait.point.seq);
        if !observed && !open {
            return None;
        }
        let order = [
            wait.look.point(),
            change.point.clone(),
            notify.point.clone(),
            wait.point.clone(),
        ];
        let mut raw = Raw {
            observed,
            location: wait.look.location,
            witness: match observed {
                true => Vec::new(),
                false => order.each_ref().map(|point| point.seq).to_vec(),
            },
            points: order.to_vec(),
            count: 1,
            ..Raw::new(Rule::LostWakeup)
        };
        raw.points.sort_by_key(|point| point.seq);
        add_thread(&mut raw.threads, thread);
        add_thread(&mut raw.threads, by);
        Some(Found {
            raw,
            look: (wait.look.site, thread),
            bounded: wait.bounded,
            wait: wait.point.seq,
        })
    }

    fn keep(&mut self, found: Found) {
        let site = |seq: u64| {
            let points = &found.raw.points;
            points.iter().find(|p| p.seq == seq).map_or(0, |p| p.site)
        };
        let other = found.raw.points.iter().find(|p| p.thread != found.look.1);
        let key = (
            found.raw.location,
            site(found.wait),
            other.map_or(0, |point| point.site),
        );
        match self.found.get_mut(&key) {
            Some(known) if known.raw.observed >= found.raw.observed => known.raw.count += 1,
            Some(known) => *known = found,
            None => drop(self.found.insert(key, found)),
        }
    }

    pub fn finish(self, reads: &Reads) -> Vec<Raw> {
        let again = |found: &Found| {
            let last = reads.at(found.look.0, found.look.1);
            last.is_some_and(|look| look.seq > found.wait)
        };
        let mut found: Vec<Found> = self.found.into_values().collect();
        found.retain(|one| !(one.bounded && again(one)));
        found.into_iter().map(|one| one.raw).collect()
    }
}

/// The last look at the variable that the wait rests on, if nothing was looked at since.
fn look<'r>(tables: &Tables, a: &Access, reads: &'r Reads) -> Option<&'r Mark> {
    let guards = &site(tables, a.e.site)?.guards;
    let marks = guards.iter().filter_map(|g| reads.at(*g, a.e.thread));
    let look = marks.max_by_key(|mark| mark.seq)?;
    let latest = reads.of(look.location, a.e.thread).next()?;
    (latest.seq == look.seq).then_some(look)
}
