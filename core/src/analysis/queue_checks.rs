//! Check-then-act on queues: `qsize()`, `empty()` or `full()` tested before a `get` or a `put`.
//!
//! * Another thread's `get` can take the item between the check and the `get` (or another's `put`
//!   the room).
//! * A consumer that leaves when it finds the queue empty may come before the producer: it leaves
//!   for good, and a producer that then joins the queue waits for ever. This is predicted where
//!   the consumer left at such a check and nothing made it wait for the items that it did find.

use rustc_hash::{FxHashMap, FxHashSet};

use super::access::{add_thread, Access, Point, Raw};
use super::locks::{share_lock, unbroken};
use super::reads::Mark;
use super::{site, text};
use crate::model::{Event, Tables, Value};
use crate::ops;

/// The acts of one op at one site under the same locks, the last of each thread.
struct Acts {
    op: u8,
    site: u32,
    held: Vec<u32>,
    last: FxHashMap<u32, Point>,
}

struct Windows {
    op: u8,
    act_site: u32,
    unbroken: Vec<u32>,
    last: FxHashMap<u32, (Mark, Point)>,
}

/// The checks of one thread at one site.
struct Checks {
    last: Mark,
    empty: bool,
    /// It went on after the queue was empty: it polls, and will see what comes later.
    polls: bool,
    /// A check which nothing orders after a put that it should have seen, and that put.
    early: Option<(Point, Point)>,
}

#[derive(Default)]
struct State {
    acts: Vec<Acts>,
    windows: Vec<Windows>,
    checks: FxHashMap<(u32, u32), Checks>,
    puts: FxHashMap<u32, (u64, Point)>,
    gets: u64,
    found: FxHashMap<(u8, u32, u32), Raw>,
}

pub struct QueueChecks {
    queues: FxHashMap<u32, State>,
    /// The sites in the tests that a `get` depends on.
    guards_get: FxHashSet<u32>,
}

fn found_empty(e: &Event) -> Option<bool> {
    match (e.op, e.value) {
        (ops::QSIZE, Value::Int(n)) => Some(n == 0),
        (ops::EMPTY, Value::Bool(b)) => Some(b),
        _ => None,
    }
}

/// An act that gives up by itself cannot be left waiting.
fn gives_up(tables: &Tables, e: &Event) -> bool {
    let text = site(tables, e.site).map_or("", |s| text(tables, s));
    ["_nowait", "timeout", "False"]
        .iter()
        .any(|word| text.contains(word))
}

impl State {
    fn report(&mut self, check: Point, act: Point, other: Point, op: u8, observed: bool) {
        let key = (op, act.site, other.site);
        let raw = self.found.entry(key).or_insert_with(|| Raw {
            kind: "atomicity-violation",
            rule: if op == ops::GET {
                "queue-get"
            } else {
                "queue-put"
            },
            observed: false,
            location: 0,
            object: 0,
            points: Vec::new(),
            witness: Vec::new(),
            threads: Vec::new(),
            count: 0,
            total: None,
            locations: 1,
        });
        add_thread(&mut raw.threads, act.thread);
        add_thread(&mut raw.threads, other.thread);
        if raw.points.is_empty() || (observed && !raw.observed) {
            raw.observed = observed;
            raw.count = 0;
            raw.witness = match observed {
                true => Vec::new(),
                false => vec![check.seq, other.seq, act.seq],
            };
            raw.points = vec![check, act, other];
            raw.points.sort_by_key(|p| p.seq);
        }
        if observed == raw.observed {
            raw.count += u64::from(observed || raw.count == 0);
        }
    }

    fn act(&mut self, check: Option<Mark>, a: &Access) {
        let now = Point::new(a.e, &a.held);
        let op = a.e.op;
        if let Some(check) = check {
            let mut kept = Vec::new();
            unbroken(&check.held, &a.held, &mut kept);
            let mut others = Vec::new();
            for acts in self.acts.iter().filter(|x| x.op == op) {
                if acts.held.iter().any(|l| kept.contains(l)) {
                    continue;
                }
                let mine = |t: &&u32| **t == now.thread;
                for thread in acts.last.keys().filter(|t| !mine(t)) {
                    let other = &acts.last[thread];
                    if other.seq > check.seq || !check.weak.has(*thread, other.seq) {
                        others.push(other.clone());
                    }
                }
            }
            others.sort_by_key(|p| p.seq);
            for other in others {
                let observed = other.seq > check.seq;
                self.report(check.point(), now.clone(), other, op, observed);
            }
            let same =
                |w: &&mut Windows| w.op == op && w.act_site == now.site && w.unbroken == kept;
            let pair = (check, now.clone());
            match self.windows.iter_mut().find(same) {
                Some(windows) => {
                    windows.last.insert(now.thread, pair);
                }
                None => self.windows.push(Windows {
                    op,
                    act_site: now.site,
                    unbroken: kept,
                    last: FxHashMap::from_iter([(now.thread, pair)]),
                }),
            }
        }
        let mut possible = Vec::new();
        for windows in self.windows.iter().filter(|w| w.op == op) {
            if share_lock(&windows.unbroken, &a.held)
                || self.found.contains_key(&(op, windows.act_site, now.site))
            {
                continue;
            }
            let open = windows
                .last
                .iter()
                .filter(|(t, (_, act))| **t != now.thread && !a.weak.has(**t, act.seq))
                .min_by_key(|(t, _)| **t);
            if let Some((_, (check, act))) = open {
                possible.push((check.point(), act.clone()));
            }
        }
        for (check, act) in possible {
            self.report(check, act, now.clone(), op, false);
        }
        let same = |x: &&mut Acts| x.op == op && x.site == now.site && x.held == now.locks;
        match self.acts.iter_mut().find(same) {
            Some(acts) => {
                acts.last.insert(now.thread, now);
            }
            None => self.acts.push(Acts {
                op,
                site: now.site,
                held: now.locks.clone(),
                last: FxHashMap::from_iter([(now.thread, now)]),
            }),
        }
    }

    /// A put comes after others have found the queue empty, and nothing made it.
    fn missed(&mut self, a: &Access) {
        for ((thread, _), checks) in &mut self.checks {
            let unordered = *thread != a.e.thread && !a.weak.has(*thread, checks.last.seq);
            if checks.empty && checks.early.is_none() && unordered {
                checks.early = Some((checks.last.point(), Point::new(a.e, &a.held)));
            }
        }
    }

    fn check(&mut self, a: &Access) {
        let empty = found_empty(a.e);
        let ordered: u64 = self
            .puts
            .iter()
            .filter(|(thread, (_, last))| a.weak.has(**thread, last.seq))
            .map(|(_, (count, _))| *count)
            .sum();
        let unordered = self
            .puts
            .iter()
            .filter(|(thread, (_, last))| !a.weak.has(**thread, last.seq))
            .min_by_key(|(thread, _)| **thread)
            .map(|(_, (_, last))| last.clone());
        let mark = Mark {
            site: a.e.site,
            seq: a.e.seq,
            location: 0,
            thread: a.e.thread,
            value: a.e.value,
            held: a.held.clone(),
            weak: a.weak.clone(),
            writes: 0,
            depth: 0,
        };
        let checks = self
            .checks
            .entry((a.e.thread, a.e.site))
            .or_insert_with(|| Checks {
                last: mark.clone(),
                empty: false,
                polls: false,
                early: None,
            });
        checks.polls |= checks.empty;
        checks.empty = empty == Some(true);
        checks.last = mark;
        if empty == Some(false) && checks.early.is_none() && ordered <= self.gets {
            checks.early = unordered.map(|put| (Point::new(a.e, &a.held), put));
        }
    }
}

impl QueueChecks {
    pub fn new(tables: &Tables) -> Self {
        let gets = tables
            .sites
            .iter()
            .filter(|s| text(tables, s).contains(".get"));
        QueueChecks {
            queues: FxHashMap::default(),
            guards_get: gets.flat_map(|s| s.guards.iter().copied()).collect(),
        }
    }

    pub fn step(&mut self, tables: &Tables, a: &Access) {
        let e = a.e;
        let state = self.queues.entry(e.target).or_default();
        match e.op {
            ops::QSIZE | ops::EMPTY | ops::FULL => state.check(a),
            ops::GET | ops::PUT if e.outcome == ops::outcome::OK => {
                let guards = site(tables, e.site).map_or(&[][..], |s| &s.guards);
                let mut check: Option<&Checks> = None;
                for guard in guards {
                    let Some(made) = state.checks.get(&(e.thread, *guard)) else {
                        continue;
                    };
                    if check.is_none_or(|c| c.last.seq < made.last.seq) {
                        check = Some(made);
                    }
                }
                let check = check
                    .map(|c| c.last.clone())
                    .filter(|_| !gives_up(tables, e));
                state.act(check, a);
                if e.op == ops::GET {
                    state.gets += 1;
                } else {
                    state.missed(a);
                    let puts = state
                        .puts
                        .entry(e.thread)
                        .or_insert_with(|| (0, Point::new(e, &a.held)));
                    *puts = (puts.0 + 1, Point::new(e, &a.held));
                }
            }
            _ => {}
        }
    }

    pub fn finish(self) -> Vec<Raw> {
        let mut out = Vec::new();
        for (queue, state) in self.queues {
            let mut left: FxHashMap<u32, Raw> = FxHashMap::default();
            let mut checks: Vec<_> = state.checks.into_iter().collect();
            checks.sort_by_key(|(key, _)| *key);
            for ((thread, site), checks) in checks {
                let leaves = checks.empty && !checks.polls && self.guards_get.contains(&site);
                let Some((check, put)) = checks.early.filter(|_| leaves) else {
                    continue;
                };
                let raw = left.entry(site).or_insert_with(|| Raw {
                    kind: "atomicity-violation",
                    rule: "queue-empty",
                    observed: check.seq < put.seq,
                    location: 0,
                    object: queue,
                    witness: match check.seq < put.seq {
                        true => Vec::new(),
                        false => vec![check.seq, put.seq],
                    },
                    points: match check.seq < put.seq {
                        true => vec![check, put.clone()],
                        false => vec![put.clone(), check],
                    },
                    threads: Vec::new(),
                    count: 1,
                    total: None,
                    locations: 1,
                });
                add_thread(&mut raw.threads, thread);
                add_thread(&mut raw.threads, put.thread);
            }
            out.extend(left.into_values());
            out.extend(state.found.into_values().map(|raw| Raw {
                object: queue,
                ..raw
            }));
        }
        out
    }
}
