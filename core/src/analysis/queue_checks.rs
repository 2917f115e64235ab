//! Check-then-act on queues: `qsize()`, `empty()` or `full()` tested before a `get` or a `put`.
//!
//! * Another thread's `get` can take the item between the check and the `get` (or another's `put`
//!   the room). It is observed where the act then had to wait or gave up, and predicted where the
//!   others take at least as many items as the check saw.
//!   A check in vain counts as well: made earlier, it would have been followed by an act.
//!   How many places there are is known once the queue has been found full.
//! * Two that put what is to be there once can both find the queue empty.
//! * A consumer that leaves when it finds the queue empty may come before the producer: see
//!   `queue_leaving`.

use rustc_hash::{FxHashMap, FxHashSet};

use super::access::{add_thread, Access, Known, Point, Raw};
use super::locks::{share_lock, unbroken, Sections};
use super::queue_leaving::Leaving;
use super::rules::Rule;
use super::{site, text};
use crate::model::{Event, Tables, Value};
use crate::ops::{self, outcome};

/// The latest check of one thread at one site.
#[derive(Clone)]
struct Check {
    point: Point,
    held: Sections,
    weak: Known,
    op: u8,
    value: Value,
    /// How many items were inside, and how many other threads had taken and put.
    size: u64,
    taken: u64,
    given: u64,
}

impl Check {
    /// Whether it says that the act will not have to wait.
    fn allows(&self, act: u8) -> bool {
        match (act, self.op, self.value) {
            (ops::GET, ops::QSIZE, Value::Int(n)) => n != 0,
            (ops::GET, ops::EMPTY, Value::Bool(empty)) => !empty,
            (ops::GET, ops::FULL, Value::Bool(full)) => full,
            (ops::PUT, ops::FULL, Value::Bool(full)) => !full,
            (ops::PUT, ops::EMPTY, Value::Bool(empty)) => empty,
            _ => true,
        }
    }
}

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
    fails: bool,
    last: FxHashMap<u32, (Check, Point)>,
}

struct Found {
    raw: Raw,
    check: Check,
}

/// A check, the act that rests on it, and what another thread did or can do in between.
struct Broken {
    check: Check,
    act: Point,
    other: Point,
    op: u8,
    /// The act raises where it cannot be done; else it waits.
    fails: bool,
    observed: bool,
}

#[derive(Default)]
struct State {
    checks: FxHashMap<(u32, u32), Check>,
    acts: Vec<Acts>,
    windows: Vec<Windows>,
    leaving: Leaving,
    /// The same, with an item counted when the queue's feeder thread sends it.
    fed: Leaving,
    /// By process: the last put.
    puts: FxHashMap<u32, Point>,
    /// By thread and op: the last act, and how many there were.
    acted: FxHashMap<(u32, u8), (u64, u64)>,
    size: u64,
    /// How many items were inside when the queue was found full.
    places: Option<u64>,
    /// By the act's op and site.
    found: FxHashMap<(u8, u32), Found>,
    /// By thread: the last of its checks that was found broken.
    told: FxHashMap<u32, u64>,
}

pub struct QueueChecks {
    queues: FxHashMap<u32, State>,
    guards: Guards,
}

/// The sites in the tests that a `get`, and that a `put` depends on.
struct Guards {
    get: FxHashSet<u32>,
    put: FxHashSet<u32>,
}

impl Guards {
    fn of(&self, op: u8) -> &FxHashSet<u32> {
        if op == ops::GET {
            &self.get
        } else {
            &self.put
        }
    }
}

fn gives_up(tables: &Tables, e: &Event) -> bool {
    let text = site(tables, e.site).map_or("", |s| text(tables, s));
    ["_nowait", "timeout", "False"]
        .iter()
        .any(|word| text.contains(word))
}

/// The act that the event does or begins to wait for.
fn act_of(tables: &Tables, e: &Event) -> Option<u8> {
    match (e.op, e.value) {
        (ops::GET | ops::PUT, _) => Some(e.op),
        (ops::REQUEST, Value::Str(id)) => {
            match &**tables.strings.get((id as usize).checked_sub(1)?)? {
                b"get" => Some(ops::GET),
                b"put" => Some(ops::PUT),
                _ => None,
            }
        }
        _ => None,
    }
}

impl State {
    fn report(&mut self, broken: Broken) {
        let Broken {
            check,
            act,
            other,
            op,
            fails,
            observed,
        } = broken;
        let new = Found {
            raw: Raw {
                observed,
                ..Raw::new(match (op, fails) {
                    (ops::PUT, _) if check.op == ops::EMPTY => Rule::QueuePutTwice,
                    (ops::GET, false) => Rule::QueueGet,
                    (ops::GET, true) => Rule::QueueGetFails,
                    (_, false) => Rule::QueuePut,
                    (_, true) => Rule::QueuePutFails,
                })
            },
            check: check.clone(),
        };
        let found = self.found.entry((op, act.site)).or_insert(new);
        add_thread(&mut found.raw.threads, act.thread);
        add_thread(&mut found.raw.threads, other.thread);
        let raw = &mut found.raw;
        // Of the predicted ones that which leaves the least to the others is the likeliest.
        let better = match (observed, raw.observed) {
            (true, false) => true,
            (true, true) => raw.points.is_empty(),
            (false, true) => false,
            (false, false) => raw.points.is_empty() || check.size < found.check.size,
        };
        if better {
            raw.observed = observed;
            raw.count = u64::from(!observed);
            raw.witness = match observed {
                true => Vec::new(),
                false => vec![check.point.seq, other.seq, act.seq],
            };
            raw.points = vec![check.point.clone(), act, other];
            raw.points.sort_by_key(|p| p.seq);
            found.check = check;
        }
        raw.count += u64::from(observed);
    }

    /// The latest of the thread's checks that the act rests on, if it says that the act can be
    /// done at once. A check is about what is done first: who has taken an item since puts it, or
    /// another, into the place that it has made itself.
    fn check_of(&self, tables: &Tables, e: &Event, act: u8) -> Option<Check> {
        let guards = site(tables, e.site).map_or(&[][..], |s| &s.guards);
        let made = guards
            .iter()
            .filter_map(|guard| self.checks.get(&(e.thread, *guard)));
        let opposite = if act == ops::GET { ops::PUT } else { ops::GET };
        let acted = self.acted.get(&(e.thread, opposite)).copied();
        made.max_by_key(|check| check.point.seq)
            .filter(|check| {
                check.allows(act) && acted.is_none_or(|(last, _)| last < check.point.seq)
            })
            .cloned()
    }

    /// The act could not be done at once: was it another thread that came in between?
    fn failed(&mut self, check: Check, op: u8, fails: bool, a: &Access) {
        let told = self.told.entry(a.e.thread).or_default();
        if *told == check.point.seq {
            return;
        }
        let others = self.acts.iter().filter(|acts| acts.op == op);
        let between = others
            .flat_map(|acts| acts.last.values())
            .filter(|other| other.thread != a.e.thread && other.seq > check.point.seq)
            .max_by_key(|other| other.seq)
            .cloned();
        if let Some(other) = between {
            *told = check.point.seq;
            self.report(Broken {
                check,
                act: Point::new(a.e, &a.held),
                other,
                op,
                fails,
                observed: true,
            });
        }
    }

    fn predict(&mut self, check: Check, act: Point, other: Point, op: u8, fails: bool) {
        self.report(Broken {
            check,
            act,
            other,
            op,
            fails,
            observed: false,
        });
    }

    /// What the thread does now could come between the check and the act of others.
    fn comes_between(&mut self, op: u8, a: &Access) {
        let mut possible = Vec::new();
        for windows in self.windows.iter().filter(|w| w.op == op) {
            if share_lock(&windows.unbroken, &a.held) {
                continue;
            }
            let open = windows
                .last
                .iter()
                .filter(|(t, (_, act))| **t != a.e.thread && !a.weak.has(**t, act.seq));
            if let Some((_, (check, act))) = open.min_by_key(|(t, (check, _))| (check.size, **t)) {
                possible.push((check.clone(), act.clone(), windows.fails));
            }
        }
        for (check, act, fails) in possible {
            self.predict(check, act, Point::new(a.e, &a.held), op, fails);
        }
    }

    fn act(&mut self, check: Option<Check>, fails: bool, a: &Access) {
        let now = Point::new(a.e, &a.held);
        let op = a.e.op;
        let mut possible = Vec::new();
        if let Some(check) = check {
            let mut kept = Vec::new();
            unbroken(&check.held, &a.held, &mut kept);
            for acts in self.acts.iter().filter(|x| x.op == op) {
                if acts.held.iter().any(|l| kept.contains(l)) {
                    continue;
                }
                let others = acts.last.iter().filter(|(t, other)| {
                    **t != now.thread
                        && (other.seq > check.point.seq || !check.weak.has(**t, other.seq))
                });
                if let Some((_, other)) = others.min_by_key(|(t, _)| **t) {
                    possible.push((check.clone(), now.clone(), other.clone(), fails));
                }
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
                    fails,
                    last: FxHashMap::from_iter([(now.thread, pair)]),
                }),
            }
        }
        for (check, act, other, fails) in possible {
            self.predict(check, act, other, op, fails);
        }
        self.comes_between(op, a);
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

    /// How often other threads than this one have done it.
    fn done_by_others(&self, op: u8, thread: u32) -> u64 {
        let others = self.acted.iter();
        let others = others.filter(|((t, o), _)| *t != thread && *o == op);
        others.map(|(_, (_, count))| count).sum()
    }

    /// Whether each thread that took items put as many back.
    fn all_put_back(&self) -> bool {
        let done = |thread: u32, op: u8| self.acted.get(&(thread, op)).map_or(0, |(_, n)| *n);
        let takers = self.acted.keys().filter(|(_, op)| *op == ops::GET);
        takers
            .copied()
            .all(|(thread, _)| done(thread, ops::PUT) >= done(thread, ops::GET))
    }

    /// Whether the others can leave nothing of what the check saw: after it they took as many
    /// items, or places, one more for each that checked in vain. (A get that came before the check
    /// and could come after it is no gain: the check would then see its item, too.)
    fn possible(&self, found: &Found, guards: &Guards) -> bool {
        let check = &found.check;
        // Who waits for an item that is put back, as every one is, gets it.
        if found.raw.rule == Rule::QueueGet && self.all_put_back() {
            return false;
        }
        let (op, before, enough) = match found.raw.rule {
            _ if found.raw.observed => return true,
            Rule::QueueGet | Rule::QueueGetFails => (ops::GET, check.taken, check.size),
            Rule::QueuePut | Rule::QueuePutFails if check.op == ops::FULL => match self.places {
                Some(places) => (ops::PUT, check.given, places.saturating_sub(check.size)),
                None => return false,
            },
            _ => return true,
        };
        let by = check.point.thread;
        let in_vain = self.checks.iter().filter(|((thread, site), check)| {
            *thread != by && guards.of(op).contains(site) && !check.allows(op)
        });
        self.done_by_others(op, by) - before + in_vain.count() as u64 >= enough
    }
}

impl QueueChecks {
    pub fn new(tables: &Tables) -> Self {
        let guarding = |method: &str| {
            let acts = tables.sites.iter();
            let acts = acts.filter(|s| text(tables, s).contains(method));
            acts.flat_map(|s| s.guards.iter().copied()).collect()
        };
        QueueChecks {
            queues: FxHashMap::default(),
            guards: Guards {
                get: guarding(".get"),
                put: guarding(".put"),
            },
        }
    }

    /// `process`: that of the event.
    pub fn step(&mut self, tables: &Tables, process: u32, a: &Access) {
        let e = a.e;
        if matches!(e.op, ops::QSIZE | ops::EMPTY | ops::FULL) {
            let state = self.queues.entry(e.target).or_default();
            let check = Check {
                point: Point::new(e, &a.held),
                held: a.held.clone(),
                weak: a.weak.clone(),
                op: e.op,
                value: e.value,
                size: state.size,
                taken: state.done_by_others(ops::GET, e.thread),
                given: state.done_by_others(ops::PUT, e.thread),
            };
            if (e.op, e.value) == (ops::FULL, Value::Bool(true)) {
                state.places = Some(state.size);
            }
            for op in [ops::GET, ops::PUT] {
                if !check.allows(op) && self.guards.of(op).contains(&e.site) {
                    state.comes_between(op, a);
                }
            }
            state.checks.insert((e.thread, e.site), check);
            state.leaving.check(a);
            state.fed.check(a);
            return;
        }
        if e.op == ops::STEP {
            // Other steps are of futures.
            if let Some(state) = self.queues.get_mut(&e.target) {
                if let Some(put) = state.puts.get(&process).cloned() {
                    state.fed.put(a, put);
                }
            }
            return;
        }
        let Some(op) = act_of(tables, e) else {
            return;
        };
        let state = self.queues.entry(e.target).or_default();
        let check = state.check_of(tables, e, op);
        let fails = gives_up(tables, e);
        match e.outcome {
            outcome::OK if e.op == op => {
                state.act(check, fails, a);
                let (last, count) = state.acted.entry((e.thread, op)).or_default();
                (*last, *count) = (e.seq, *count + 1);
                if op == ops::PUT {
                    state.size += 1;
                    let put = Point::new(e, &a.held);
                    state.puts.insert(process, put.clone());
                    state.leaving.put(a, put);
                } else {
                    state.size = state.size.saturating_sub(1);
                    state.leaving.get(e);
                    state.fed.get(e);
                }
            }
            outcome::OK | outcome::WOULD_BLOCK | outcome::TIMED_OUT => {
                if e.op == ops::REQUEST && op == ops::GET {
                    state.leaving.get(e);
                    state.fed.get(e);
                }
                if let Some(check) = check {
                    state.failed(check, op, fails, a);
                }
            }
            _ => {}
        }
    }

    pub fn finish(self) -> Vec<Raw> {
        let mut out = Vec::new();
        for (queue, state) in self.queues {
            let broken = state
                .found
                .values()
                .filter(|f| state.possible(f, &self.guards));
            out.extend(broken.map(|f| Raw {
                object: queue,
                ..f.raw.clone()
            }));
            // What is fed is there when it has been sent, not when it has been put.
            let fed = state.fed.has_items();
            let leaving = if fed { state.fed } else { state.leaving };
            out.extend(leaving.finish(fed, &self.guards.get, queue));
        }
        out
    }
}
