//! Lost updates: a thread writes what it computed from a value that another thread has meanwhile
//! overwritten.
//!
//! A *transaction* is a write with the read it came from. It is observed to lose others' writes
//! when there are any between the two. It is predicted to lose one when a write of another thread
//! could come between: nothing orders the two (the order in which locks happened to be taken does
//! not count, it can be another in the next run) and no lock that the other thread holds at its
//! write is held without a break from the read to the write.
//!
//! State: for each location the last transaction of each thread at each pair of sites and locks.
//! The last is enough: if it is ordered before a later read, so are all before it.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::access::{add_thread, Access, Known, Point, Raw};
use super::locks::{share_lock, unbroken, Section};
use super::patterns;
use super::protocols::{Guarded, Protocols};
use super::reads::{Mark, Reads};
use super::rules::Rule;
use super::texts::begins;
use super::{site, text};
use crate::model::{Tables, Value};
use crate::ops::{self, flag};

/// Lost stretches of a location's writes that are remembered one by one.
const STRETCHES: usize = 64;

#[derive(Clone)]
struct Transaction {
    /// None for a write that owes nothing to a read.
    read: Option<Point>,
    write: Point,
    guarded: Rc<Guarded>,
}

/// The transactions at one pair of sites under the same locks, the last of each thread.
struct Bucket {
    read_site: u32,
    write_site: u32,
    unbroken: Vec<u32>,
    held: Vec<u32>,
    last: FxHashMap<u32, Transaction>,
}

struct Group {
    observed: bool,
    points: Vec<Point>,
    witness: Vec<u64>,
    threads: Vec<u32>,
    lost: u64,
    sites: [u32; 2],
}

#[derive(Default)]
struct State {
    writes: u64,
    last: Option<Point>,
    last_value: Option<Value>,
    /// By thread: the number of its last write, and what it wrote.
    own: FxHashMap<u32, (u64, Value)>,
    /// Numbers of writes that are known to be lost: first and last.
    lost: Vec<(u64, u64)>,
    updates: FxHashMap<u32, u64>,
    /// By site that writes what is not known: what it adds to what its thread read last, and how often
    /// it did so; None if that was not always the same.
    steps: FxHashMap<u32, Option<(i64, u64)>>,
    /// Updates since the last write that owes nothing to a read, and how many of them went into
    /// the value that stands: the others are without effect.
    tried: u64,
    depth: u64,
    /// Updates without effect before that write.
    without_effect: u64,
    buckets: Vec<Bucket>,
    groups: FxHashMap<(u32, u32), Group>,
}

impl State {
    /// Mark the writes `first..=last` as lost; the number of those that were not already.
    fn lose(&mut self, first: u64, last: u64) -> u64 {
        let mut new = last + 1 - first;
        let (mut low, mut high) = (first, last);
        self.lost.retain(|(a, b)| {
            let apart = *b + 1 < low || *a > high + 1;
            if !apart {
                new -= (*b)
                    .min(last)
                    .saturating_add(1)
                    .saturating_sub((*a).max(first));
                low = low.min(*a);
                high = high.max(*b);
            }
            apart
        });
        if self.lost.len() == STRETCHES {
            self.lost.remove(0);
        }
        self.lost.push((low, high));
        new
    }

    /// The number of the thread's last write; 0 for none.
    fn own_writes(&self, thread: u32) -> u64 {
        self.own.get(&thread).map_or(0, |(number, _)| *number)
    }

    fn learn_step(&mut self, a: &Access, reads: &Reads) {
        let Some(step) = step(a, reads) else {
            return;
        };
        let known = self.steps.entry(a.e.site).or_insert(Some((step, 0)));
        *known = known
            .filter(|(same, _)| *same == step)
            .map(|(same, n)| (same, n + 1));
    }

    /// Whether the site has always added the same to what was read, and does so now.
    fn is_steady(&self, a: &Access, reads: &Reads) -> bool {
        let known = self.steps.get(&a.e.site).copied().flatten();
        known.is_some_and(|(same, n)| n > 0 && same != 0 && step(a, reads) == Some(same))
    }

    /// How many updates were lost, of how many, at all sites that lost some or, if none did, can.
    fn tally(&self) -> (u64, u64) {
        let any = self.groups.values().any(|group| group.observed);
        let groups = || self.groups.values().filter(|group| group.observed == any);
        let mut sites: Vec<u32> = groups().flat_map(|group| group.sites).collect();
        sites.sort_unstable();
        sites.dedup();
        let tried = sites.iter().filter_map(|site| self.updates.get(site)).sum();
        let lost: u64 = groups().map(|group| group.lost).sum();
        let without_effect = self.without_effect + self.tried.saturating_sub(self.depth);
        (lost.min(without_effect).max(1), tried)
    }

    fn group(&mut self, a: u32, b: u32) -> &mut Group {
        let sites = [a.min(b), a.max(b)];
        self.groups
            .entry((sites[0], sites[1]))
            .or_insert_with(|| Group {
                observed: false,
                points: Vec::new(),
                witness: Vec::new(),
                threads: Vec::new(),
                lost: 0,
                sites,
            })
    }
}

#[derive(Default)]
pub struct LostUpdates {
    locations: FxHashMap<u32, State>,
    scratch: Vec<u32>,
}

impl LostUpdates {
    /// How often the location was written so far, and how many updates went into its value.
    pub fn history(&self, location: u32) -> (u64, u64) {
        let state = self.locations.get(&location);
        state.map_or((0, 0), |s| (s.writes, s.depth))
    }

    pub fn write(&mut self, tables: &Tables, a: &Access, reads: &Reads, protocols: &mut Protocols) {
        let e = a.e;
        let state = self.locations.entry(e.target).or_default();
        state.writes += 1;
        let number = state.writes;
        let read = source(tables, a, reads, state);
        state.learn_step(a, reads);
        if let Some(read) = &read {
            state.tried += 1;
            state.depth = read.depth + 1;
            *state.updates.entry(e.site).or_default() += 1;
            let start = read.writes.max(state.own_writes(e.thread)) + 1;
            if start < number {
                let lost = state.lose(start, number - 1);
                let other = state.last.clone().expect("there was a write in between");
                let group = state.group(e.site, other.site);
                group.lost += lost;
                add_thread(&mut group.threads, e.thread);
                add_thread(&mut group.threads, other.thread);
                if !group.observed {
                    group.observed = true;
                    group.points = vec![read.point(), other, Point::new(e, &a.held)];
                }
            }
        } else {
            state.without_effect += state.tried.saturating_sub(state.depth);
            (state.tried, state.depth) = (0, 0);
        }
        unbroken(
            read.as_ref().map_or(&[], |r| &r.held),
            &a.held,
            &mut self.scratch,
        );
        let known = read.as_ref().map_or(&a.weak, |r| &r.weak);
        let transaction = Transaction {
            read: read.as_ref().map(Mark::point),
            write: Point::new(e, &a.held),
            guarded: protocols.of(tables, a, reads, read.as_ref()),
        };
        predict(state, &transaction, &self.scratch, &a.held, known);
        keep(state, transaction, &self.scratch);
        state.own.insert(e.thread, (number, e.value));
        state.last = Some(Point::new(e, &a.held));
        state.last_value = Some(e.value);
    }

    pub fn finish(self) -> Vec<Raw> {
        let mut out = Vec::new();
        for (location, state) in self.locations {
            let (lost, tried) = state.tally();
            for group in state.groups.into_values() {
                out.push(Raw {
                    observed: group.observed,
                    location,
                    points: group.points,
                    witness: group.witness,
                    threads: group.threads,
                    count: if group.observed { lost } else { 1 },
                    total: Some(tried),
                    ..Raw::new(Rule::LostUpdate)
                });
            }
        }
        out
    }
}

fn same_function(tables: &Tables, a: u32, b: u32) -> bool {
    let function = |id| site(tables, id).map(|s| (s.file, s.function));
    function(a) == function(b)
}

fn takes(tables: &Tables, id: u32) -> bool {
    site(tables, id).is_some_and(|s| begins(text(tables, s)))
}

/// By how much the number that is written differs from what the thread read last.
fn step(a: &Access, reads: &Reads) -> Option<i64> {
    let read = reads.of(a.e.target, a.e.thread).next()?;
    match (read.value, a.e.value) {
        (Value::Int(old), Value::Int(new)) => new.checked_sub(old),
        _ => None,
    }
}

/// The read whose value went into this write, if it is known.
fn source(tables: &Tables, a: &Access, reads: &Reads, state: &State) -> Option<Mark> {
    let e = a.e;
    if e.op != ops::WRITE {
        return None;
    }
    if e.flags & flag::AUGMENTED != 0 {
        return reads.of(e.target, e.thread).next().cloned();
    }
    let site = site(tables, e.site)?;
    // What came from another function may be what this thread has stored since: another call gave
    // the value then.
    let own = state.own_writes(e.thread);
    let spent = |m: &Mark| own > m.writes && !same_function(tables, m.site, e.site);
    // Who tests what it has taken out knows whether another has it.
    let tested = |m: &Mark| site.guards.contains(&m.site) && takes(tables, m.site);
    if reads.of(e.target, e.thread).next().is_some_and(tested) {
        return None;
    }
    let found = reads
        .of(e.target, e.thread)
        .find(|m| site.sources.contains(&m.site) && !spent(m))
        .or_else(|| reads.carried(&site.sources, e.target, e.thread));
    if let Some(read) = found {
        // A later look at the location under the lock that is still held is a validation; so is any,
        // if the thread itself has written in between.
        let validated = reads.of(e.target, e.thread).find(|m| {
            m.seq > read.seq
                && (site.guards.contains(&m.site) || read.writes < own && own <= m.writes)
                && m.held.iter().any(|s| a.held.contains(s))
        });
        return Some(validated.unwrap_or(read).clone());
    }
    if !site.opaque {
        return None;
    }
    // The value came from a call or a parameter: from the read if it is what the site makes of each.
    let read = reads.of(e.target, e.thread).next()?;
    if read.writes >= own && state.is_steady(a, reads) {
        return Some(read.clone());
    }
    // Or if a number is written over another thread's number, after a read of this thread and with no
    // order or lock between the two writes. Who writes what it has written before does not count on.
    let other = state.last.as_ref()?;
    let numbers = [&e.value, state.last_value.as_ref()?]
        .iter()
        .all(|v| matches!(v, Value::Int(_) | Value::Float(_)));
    let racing = other.thread != e.thread
        && other.seq > read.seq
        && !a.known.has(other.thread, other.seq)
        && !share_lock(&other.locks, &a.held);
    let repeated = state.own.get(&e.thread).is_some_and(|(_, v)| *v == e.value);
    let changed = !repeated && Some(e.value) != state.last_value;
    (numbers && racing && changed).then(|| read.clone())
}

/// Whether another order would put one of the two writes into the other's transaction.
fn predict(state: &mut State, new: &Transaction, cont: &[u32], held: &[Section], known: &Known) {
    let mut found: Vec<((u32, u32), bool, Transaction)> = Vec::new();
    let room = patterns::LIMIT.saturating_sub(state.groups.len());
    for bucket in &state.buckets {
        if found.len() >= room {
            break;
        }
        let pair = (
            bucket.write_site.min(new.write.site),
            bucket.write_site.max(new.write.site),
        );
        if state.groups.contains_key(&pair) || found.iter().any(|(p, ..)| *p == pair) {
            continue;
        }
        let new_loses = new.read.is_some() && !cont.iter().any(|l| bucket.held.contains(l));
        let old_loses = bucket.read_site != 0 && !share_lock(&bucket.unbroken, held);
        if !new_loses && !old_loses {
            continue;
        }
        let alike = bucket.write_site == new.write.site;
        let unordered = bucket
            .last
            .iter()
            .filter(|(thread, old)| !known.has(**thread, old.write.seq))
            .filter_map(|(thread, old)| {
                let can = |window: &Transaction, change: &Transaction| {
                    !change.guarded.cannot_enter(&window.guarded, alike)
                };
                let old_can_lose = old_loses && can(old, new);
                (old_can_lose || new_loses && can(new, old)).then_some((thread, old_can_lose, old))
            })
            .min_by_key(|(thread, ..)| **thread);
        if let Some((_, old_can_lose, old)) = unordered {
            found.push((pair, old_can_lose, old.clone()));
        }
    }
    for (pair, old_loses, old) in found {
        let (victim, other) = if old_loses { (&old, new) } else { (new, &old) };
        let mut points: Vec<Point> = [&victim.read, &other.read]
            .into_iter()
            .flatten()
            .chain([&victim.write, &other.write])
            .cloned()
            .collect();
        let order = [&victim.read, &other.read].into_iter().flatten();
        let witness = order
            .chain([&other.write, &victim.write])
            .map(|p| p.seq)
            .collect();
        points.sort_by_key(|p| p.seq);
        let group = state.group(pair.0, pair.1);
        group.points = points;
        group.witness = witness;
        add_thread(&mut group.threads, victim.write.thread);
        add_thread(&mut group.threads, other.write.thread);
    }
    // All who take part in the pattern, not only the first two.
    for bucket in &state.buckets {
        let pair = (
            bucket.write_site.min(new.write.site),
            bucket.write_site.max(new.write.site),
        );
        if let Some(group) = state.groups.get_mut(&pair) {
            add_thread(&mut group.threads, new.write.thread);
        }
    }
}

fn keep(state: &mut State, transaction: Transaction, cont: &[u32]) {
    let read_site = transaction.read.as_ref().map_or(0, |r| r.site);
    let same = |b: &&mut Bucket| {
        b.read_site == read_site
            && b.write_site == transaction.write.site
            && b.unbroken == cont
            && b.held == transaction.write.locks
    };
    let thread = transaction.write.thread;
    if let Some(bucket) = state.buckets.iter_mut().find(same) {
        bucket.last.insert(thread, transaction);
    } else {
        let new = Bucket {
            read_site,
            write_site: transaction.write.site,
            unbroken: cont.to_vec(),
            held: transaction.write.locks.clone(),
            last: FxHashMap::from_iter([(thread, transaction)]),
        };
        patterns::push(&mut state.buckets, new);
    }
}
