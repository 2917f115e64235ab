//! Data races: two accesses of one location, by different threads, at least one of them a change,
//! which nothing orders.
//!
//! A common lock orders its critical sections, so it needs no test of its own. Python makes some
//! unordered pairs harmless, and they are not reported:
//! * two atomic updates (`list.append`), and an atomic update and a read of a single value;
//! * a read without the lock under which all writes are made: it is a snapshot, which is whole
//!   because a reference is loaded at once. What is then *done* with it is for the other engines;
//! * writes that all store the same plain value, and reads of a flag that is only ever set to the
//!   same truth value.
//!
//! Two plain accesses of which only the order is open are told as rule `order`: nothing goes wrong
//! by that alone, so it is worth a note and no finding. It is a finding where the one can find nothing
//! there (`access`: the other makes or removes it), or can fail (`iterate`).
//!
//! State: for each location and thread the last access of each class at each site. A write that
//! comes after such an access, and was made under no other locks, makes it superfluous.

use rustc_hash::FxHashMap;

use super::access::{add_thread, plain, Access, Known, Point, Raw};
use super::locks::{Section, Sections};
use super::rules::Rule;
use crate::model::Value;
use crate::ops;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    Read,
    /// A write or a delete.
    Write,
    /// An atomic read-modify-write.
    Update,
    /// A read of a whole container.
    Iterate,
    /// A change of a container's set of keys, made through an item.
    Structural,
}

impl Class {
    pub fn of(op: u8) -> Class {
        match op {
            ops::READ => Class::Read,
            ops::ITERATE => Class::Iterate,
            ops::UPDATE => Class::Update,
            _ => Class::Write,
        }
    }

    fn conflicts(self, other: Class) -> bool {
        use Class::{Iterate, Structural, Update, Write};
        match (self, other) {
            (Structural, other) | (other, Structural) => other == Iterate,
            (Write, _) | (_, Write) => true,
            (Update, Iterate) | (Iterate, Update) => true,
            _ => false,
        }
    }
}

struct Entry {
    thread: u32,
    site: u32,
    class: Class,
    seq: u64,
    value: Value,
    held: Sections,
    /// The thing was not there before, or is not afterwards, or was not there.
    fails: Fails,
}

/// How an access bears on whether the thing is there.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fails {
    No,
    /// The first write.
    Makes,
    /// A delete.
    Removes,
    /// A read that found nothing and raised.
    Misses,
}

impl Entry {
    fn point(&self) -> Point {
        Point {
            seq: self.seq,
            thread: self.thread,
            site: self.site,
            locks: self.held.iter().map(|s| s.lock).collect(),
        }
    }
}

/// An access that another one conflicts with.
struct Conflict {
    point: Point,
    class: Class,
    value: Value,
    held: Sections,
    observed: bool,
    misses: bool,
}

fn share(a: &[Section], b: &[Section]) -> bool {
    a.iter().any(|s| b.iter().any(|o| o.lock == s.lock))
}

struct Group {
    points: [Point; 2],
    iterates: bool,
    reads: bool,
    threads: Vec<u32>,
    count: u64,
    /// The two wrote different things, or things that may be different.
    differ: bool,
    /// In another order the one finds nothing there.
    misses: bool,
    observed: bool,
}

#[derive(Default)]
struct State {
    writes: Vec<Entry>,
    others: Vec<Entry>,
    written: bool,
    groups: FxHashMap<(u32, u32, Class, Class), Group>,
    /// The locks held at every write that is unordered with something; None before the first.
    guard: Option<Vec<u32>>,
    /// The truth value that all those writes store, if there is one.
    flag: Option<Option<bool>>,
}

impl State {
    fn candidate_write(&mut self, value: &Value, held: &Sections) {
        let holds = |l: &u32| held.iter().any(|s| s.lock == *l);
        match &mut self.guard {
            Some(guard) => guard.retain(holds),
            None => self.guard = Some(held.iter().map(|s| s.lock).collect()),
        }
        let stored = match value {
            Value::Bool(b) => Some(*b),
            _ => None,
        };
        self.flag = match self.flag {
            None => Some(stored),
            Some(flag) if flag == stored => Some(flag),
            Some(_) => Some(None),
        };
    }

    fn check(&mut self, now: &Entry, known: &Known, weak: &Known) {
        let mut found: Vec<usize> = Vec::new();
        let others = self.others.iter().filter(|_| now.class != Class::Read);
        let olds: Vec<&Entry> = self.writes.iter().chain(others).collect();
        for (i, old) in olds.iter().enumerate() {
            // One of each kind is enough; the other threads of the pattern have their own turn.
            let like = |f: &usize| {
                let f = olds[*f];
                f.site == old.site
                    && f.class == old.class
                    && f.held.is_empty() == old.held.is_empty()
            };
            let candidate = old.class.conflicts(now.class) && !found.iter().any(like);
            if candidate && !weak.has(old.thread, old.seq) && !share(&old.held, &now.held) {
                found.push(i);
            }
        }
        let found: Vec<Conflict> = found
            .into_iter()
            .map(|i| {
                let old = olds[i];
                let mut earlier = self.others.iter();
                Conflict {
                    point: old.point(),
                    class: old.class,
                    value: old.value,
                    held: old.held.clone(),
                    observed: !known.has(old.thread, old.seq),
                    misses: match (old.fails, now.fails) {
                        // Who has looked before knows that it is there.
                        (Fails::Makes, Fails::No) => {
                            now.class == Class::Read
                                && old.held.is_empty()
                                && !matches!(now.value, Value::Bool(_) | Value::None)
                                && !earlier.any(|e| e.thread == now.thread && e.site != now.site)
                        }
                        (Fails::Removes | Fails::Misses, _)
                        | (_, Fails::Removes | Fails::Misses) => old.class != now.class,
                        _ => false,
                    },
                }
            })
            .collect();
        for conflict in found {
            self.tell(now, conflict);
        }
    }

    fn tell(&mut self, now: &Entry, conflict: Conflict) {
        let Conflict {
            point,
            class,
            value,
            held,
            observed,
            misses,
        } = conflict;
        let thread = point.thread;
        if class == Class::Write {
            self.candidate_write(&value, &held);
        }
        if now.class == Class::Write {
            self.candidate_write(&now.value, &now.held);
        }
        let ends = [(point.site, class), (now.site, now.class)];
        let (low, high) = (ends.iter().min().unwrap(), ends.iter().max().unwrap());
        let both_write = class == Class::Write && now.class == Class::Write;
        let differ = !(both_write && plain(&value) && value == now.value);
        let points = [point, now.point()];
        let group = self
            .groups
            .entry((low.0, high.0, low.1, high.1))
            .or_insert_with(|| Group {
                points: points.clone(),
                iterates: class == Class::Iterate || now.class == Class::Iterate,
                reads: class == Class::Read || now.class == Class::Read,
                threads: Vec::new(),
                count: 0,
                differ: false,
                misses: false,
                observed,
            });
        if observed && !group.observed || misses && !group.misses {
            group.points = points;
        }
        group.count += 1;
        group.differ |= differ;
        group.misses |= misses;
        group.observed |= observed;
        add_thread(&mut group.threads, thread);
        add_thread(&mut group.threads, now.thread);
    }

    fn add(&mut self, mut now: Entry, known: &Known, weak: &Known) {
        if now.class == Class::Write && !self.written {
            self.written = true;
            if now.fails == Fails::No {
                now.fails = Fails::Makes;
            }
        }
        self.check(&now, known, weak);
        if now.class == Class::Write {
            // One that held less tells of a lock that does not guard all writes.
            let held_less = |old: &Entry| {
                let holds = |lock: u32| old.held.iter().any(|s| s.lock == lock);
                now.held.iter().any(|s| !holds(s.lock))
            };
            self.writes
                .retain(|old| !weak.has(old.thread, old.seq) || held_less(old));
            self.others
                .retain(|old| !weak.has(old.thread, old.seq) || old.class == Class::Structural);
        }
        let list = match now.class {
            Class::Write => &mut self.writes,
            _ => &mut self.others,
        };
        let own = |old: &&mut Entry| {
            old.thread == now.thread && old.site == now.site && old.class == now.class
        };
        match list.iter_mut().find(own) {
            Some(old) => *old = now,
            None => list.push(now),
        }
    }
}

#[derive(Default)]
pub struct Races {
    locations: FxHashMap<u32, State>,
}

impl Races {
    /// `class` is not always that of the event: a structural change of an item is given a second
    /// time, for the contents' location.
    pub fn access(&mut self, location: u32, class: Class, a: &Access) {
        let entry = Entry {
            thread: a.e.thread,
            site: a.e.site,
            class,
            seq: a.e.seq,
            value: a.e.value,
            held: a.held.clone(),
            fails: match a.e.op {
                ops::DELETE => Fails::Removes,
                _ if a.e.outcome == ops::outcome::RAISED => Fails::Misses,
                _ => Fails::No,
            },
        };
        self.locations
            .entry(location)
            .or_default()
            .add(entry, &a.known, &a.weak);
    }

    /// `explained`: whether a worse consequence of unordered accesses is known that involves the
    /// site at the location.
    /// `passed`: threads release locks for others, so that who holds one is not all that keeps them
    /// apart: nothing is predicted.
    pub fn finish(self, explained: &dyn Fn(u32, u32) -> bool, passed: bool) -> Vec<Raw> {
        let mut out = Vec::new();
        for (location, state) in self.locations {
            let guarded = state.guard.is_some_and(|g| !g.is_empty());
            let flag = matches!(state.flag, Some(Some(_)));
            for ((low, high, low_class, high_class), group) in state.groups {
                // The lock that mends the other finding leaves a snapshot read here.
                let told = [(low, low_class), (high, high_class)]
                    .iter()
                    .all(|(site, class)| *class == Class::Read || explained(location, *site));
                if told {
                    continue;
                }
                if !group.differ || (group.reads && !group.misses && (guarded || flag)) {
                    continue;
                }
                let rule = match (group.iterates, group.misses) {
                    (true, _) => Rule::Iterate,
                    (_, true) => Rule::Access,
                    _ => Rule::Order,
                };
                // Whether another order can be is not known well enough of what is only seldom wrong.
                if !group.observed && (rule != Rule::Iterate || passed) {
                    continue;
                }
                out.push(Raw {
                    observed: group.observed,
                    location,
                    points: group.points.to_vec(),
                    witness: match group.observed {
                        true => Vec::new(),
                        false => group.points.iter().rev().map(|p| p.seq).collect(),
                    },
                    threads: group.threads,
                    count: group.count,
                    ..Raw::new(rule)
                });
            }
        }
        out
    }
}
