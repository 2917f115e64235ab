//! Check-then-act: a thread tests a location and acts on what it saw, and another thread's change
//! comes between the two (observed), or can come between them in another order (predicted).
//!
//! The check is the *latest* read among those in the tests that the act depends on, so that the
//! second look of double-checked locking counts. As with lost updates, the order in which locks
//! happened to be taken does not count, but a lock held from the check to the act does.
//!
//! What only grows a container does not spoil a check that precedes a removal, and the other way
//! round: `if d: d.pop()` may see others append. Nor does a change of one item spoil a check for
//! another (`if x in seen: …`), nor anything a check after which the thread itself made the change
//! that it was for: what it does then rests on that. A removal that still found something went well;
//! those that did not are told by `failures`.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::access::{add_thread, Access, Point, Raw};
use super::changes::Change;
use super::locks::{share_lock, unbroken};
use super::looks::{apart, check_of, confirms, found, same_truth, still_holds, Looks};
use super::patterns;
use super::protocols::{Guarded, Protocols};
use super::reads::{Mark, Reads};
use super::rules::Rule;
use super::survey::Survey;
use super::{site, text};
use crate::model::{Tables, Value};
use crate::ops::{self, flag, location};

/// A change of a location, the last of its thread.
struct Changed {
    point: Point,
    value: Value,
    /// The location that was changed, a part of the one that is looked at.
    part: u32,
    guarded: Rc<Guarded>,
}

struct Changes {
    site: u32,
    change: Change,
    held: Vec<u32>,
    last: FxHashMap<u32, Changed>,
}

struct Pair {
    check: Mark,
    act: Point,
    value: Value,
    part: u32,
    guarded: Rc<Guarded>,
    looks_for: Looks,
}

/// A look that was followed by no act so far, and the act of another thread that it saw.
struct Vain {
    site: u32,
    check: Mark,
    act: Point,
    now: Point,
}

struct Windows {
    check_site: u32,
    act_site: u32,
    change: Change,
    unbroken: Vec<u32>,
    last: FxHashMap<u32, Pair>,
}

struct Group {
    observed: bool,
    points: Vec<Point>,
    witness: Vec<u64>,
    threads: Vec<u32>,
    count: u64,
    /// Told from a check that was followed by no act.
    both_act: bool,
}

#[derive(Default)]
struct State {
    changes: Vec<Changes>,
    windows: Vec<Windows>,
    groups: FxHashMap<(u32, u32), Group>,
    /// By thread: its last change, and of what part and value.
    own: FxHashMap<u32, (u64, u32, Value)>,
    /// By thread.
    vain: FxHashMap<u32, Vain>,
}

#[derive(Default)]
pub struct Atomicity {
    /// By the location that the check reads.
    locations: FxHashMap<u32, State>,
}

impl State {
    fn group(&mut self, act: u32, other: u32, threads: [u32; 2]) -> &mut Group {
        let group = self.groups.entry((act, other)).or_insert_with(|| Group {
            observed: false,
            points: Vec::new(),
            witness: Vec::new(),
            threads: Vec::new(),
            count: 0,
            both_act: false,
        });
        threads
            .into_iter()
            .for_each(|t| add_thread(&mut group.threads, t));
        group
    }

    fn predicted(&mut self, check: Point, act: Point, change: Point) {
        if self.groups.len() >= patterns::LIMIT {
            return;
        }
        let group = self.group(act.site, change.site, [act.thread, change.thread]);
        if group.points.is_empty() {
            group.witness = vec![check.seq, change.seq, act.seq];
            group.points = vec![check, act, change];
            group.points.sort_by_key(|p| p.seq);
            group.count = 1;
        }
    }

    /// A thread acts after `check`: which changes by others come between, or can?
    fn act(
        &mut self,
        check: &Mark,
        looks: Looks,
        change: Change,
        a: &Access,
        guarded: &Rc<Guarded>,
    ) {
        self.vain.remove(&a.e.thread);
        let act = Point::new(a.e, &a.held);
        let mut kept = Vec::new();
        unbroken(&check.held, &a.held, &mut kept);
        let mut between: Option<Point> = None;
        let mut possible = Vec::new();
        for changes in self.changes.iter().filter(|c| c.change.spoils(change)) {
            if changes.held.iter().any(|l| kept.contains(l)) {
                continue;
            }
            for (thread, other) in changes.last.iter().filter(|(t, _)| **t != act.thread) {
                if apart((other.part, &other.value), (a.e.target, &a.e.value), looks) {
                    continue;
                }
                if other.point.seq > check.seq
                    && change == Change::Shrink
                    && !check.peek
                    && found(&check.value)
                {
                    // It still found something.
                    if !self.groups.contains_key(&(act.site, changes.site)) {
                        possible.push(other.point.clone());
                    }
                } else if other.point.seq > check.seq {
                    if still_holds(check, a, &other.value) {
                        continue;
                    }
                    if between.as_ref().is_none_or(|b| b.seq < other.point.seq) {
                        between = Some(other.point.clone());
                    }
                } else if !check.weak.has(*thread, other.point.seq)
                    && !same_truth(&other.value, &a.e.value, looks)
                    && !confirms(check, a.e.target, &other.value)
                    && !self.groups.contains_key(&(act.site, changes.site))
                    && !other
                        .guarded
                        .cannot_enter(guarded, act.site == changes.site)
                {
                    possible.push(other.point.clone());
                }
            }
        }
        if let Some(other) = between {
            let group = self.group(act.site, other.site, [act.thread, other.thread]);
            if !group.observed {
                group.observed = true;
                group.both_act = false;
                group.count = 0;
                group.witness.clear();
                group.points = vec![check.point(), other, act.clone()];
            }
            group.count += 1;
        }
        possible.sort_by_key(|p| p.seq);
        for other in possible {
            self.predicted(check.point(), act.clone(), other);
        }
        let pair = Pair {
            check: check.clone(),
            act,
            value: a.e.value,
            part: a.e.target,
            guarded: guarded.clone(),
            looks_for: looks,
        };
        let same = |w: &&mut Windows| {
            w.check_site == check.site
                && w.act_site == a.e.site
                && w.change == change
                && w.unbroken == kept
        };
        match self.windows.iter_mut().find(same) {
            Some(windows) => {
                windows.last.insert(a.e.thread, pair);
            }
            None => patterns::push(
                &mut self.windows,
                Windows {
                    check_site: check.site,
                    act_site: a.e.site,
                    change,
                    unbroken: kept,
                    last: FxHashMap::from_iter([(a.e.thread, pair)]),
                },
            ),
        }
    }

    /// A thread changes the location: can that come between the check and the act of another?
    fn changed(&mut self, change: Change, a: &Access, guarded: &Rc<Guarded>) {
        let now = Point::new(a.e, &a.held);
        let mut possible = Vec::new();
        for windows in self.windows.iter().filter(|w| change.spoils(w.change)) {
            if share_lock(&windows.unbroken, &a.held)
                || self.groups.contains_key(&(windows.act_site, now.site))
            {
                continue;
            }
            let open = windows
                .last
                .iter()
                .filter(|(t, p)| **t != now.thread && !a.weak.has(**t, p.act.seq))
                .filter(|(_, p)| !same_truth(&p.value, &a.e.value, p.looks_for))
                .filter(|(_, p)| !confirms(&p.check, a.e.target, &a.e.value))
                .filter(|(_, p)| !apart((p.part, &p.value), (a.e.target, &a.e.value), p.looks_for))
                .filter(|(_, p)| !guarded.cannot_enter(&p.guarded, windows.act_site == now.site))
                .min_by_key(|(t, _)| **t);
            if let Some((_, pair)) = open {
                possible.push((pair.check.point(), pair.act.clone()));
            }
        }
        for (check, act) in possible {
            self.predicted(check, act, now.clone());
        }
        self.own
            .insert(now.thread, (now.seq, a.e.target, a.e.value));
        let locks = now.locks.clone();
        let same = |c: &&mut Changes| c.site == a.e.site && c.change == change && c.held == locks;
        let thread = now.thread;
        let changed = Changed {
            point: now,
            value: a.e.value,
            part: a.e.target,
            guarded: guarded.clone(),
        };
        match self.changes.iter_mut().find(same) {
            Some(changes) => {
                changes.last.insert(thread, changed);
            }
            None => patterns::push(
                &mut self.changes,
                Changes {
                    site: a.e.site,
                    change,
                    held: changed.point.locks.clone(),
                    last: FxHashMap::from_iter([(thread, changed)]),
                },
            ),
        }
    }

    /// A thread makes the same check and sees what another's act left, so it does not act. Had it
    /// come first, it would have acted too.
    fn checked(&mut self, tables: &Tables, a: &Access) {
        self.vain.remove(&a.e.thread);
        let saw = a.saw();
        // What a search saw is not known.
        let searches = a.e.op == ops::ITERATE;
        let mut possible = None;
        for windows in &self.windows {
            if !windows.begin_at(tables, a.e.site)
                || share_lock(&windows.unbroken, &a.held)
                || self
                    .groups
                    .contains_key(&(windows.act_site, windows.act_site))
            {
                continue;
            }
            // So it is with a copy, where the act is done to each part of it.
            let copies = windows.copies(tables);
            let others = windows
                .last
                .iter()
                .filter(|(t, p)| **t != a.e.thread && !a.weak.has(**t, p.act.seq))
                .filter(|(_, p)| p.check.value != saw || searches || copies)
                .filter(|(_, p)| !p.guarded.is_exclusive());
            possible = others
                .clone()
                .filter(|(_, p)| p.shows(windows.change, &saw))
                .min_by_key(|(t, _)| **t)
                .map(|(_, p)| (p.check.point(), p.act.clone()));
            // A number, or a search, says only whether the thread acts by what it does next.
            let finds = searches && windows.change == Change::Grow;
            if let Some((_, p)) = others
                .filter(|_| finds || copies || matches!(saw, Value::Int(_)))
                .min_by_key(|(t, _)| **t)
            {
                let vain = Vain {
                    site: windows.act_site,
                    check: p.check.clone(),
                    act: p.act.clone(),
                    now: Point::new(a.e, &a.held),
                };
                self.vain.insert(a.e.thread, vain);
            }
        }
        if let Some((check, act)) = possible {
            self.both_act(check, act, Point::new(a.e, &a.held));
        }
    }

    /// A thread comes past a loop in which it has waited, where another came past that saw the same,
    /// and acted when it had let the lock go. Had it come first, it would not have waited.
    fn waited(&mut self, a: &Access, came: &Mark) {
        let mut possible = None;
        for windows in &self.windows {
            let closed = windows.check_site != a.e.site
                || share_lock(&windows.unbroken, &came.held)
                || self
                    .groups
                    .contains_key(&(windows.act_site, windows.act_site));
            let pairs = windows.last.iter().filter(|_| !closed);
            let others = pairs.filter(|(t, p)| {
                **t != a.e.thread
                    && !came.weak.has(**t, p.act.seq)
                    && p.check.value == a.saw()
                    && p.value == came.value
                    && !p.guarded.is_exclusive()
            });
            let other = others.min_by_key(|(t, _)| **t);
            possible = possible.or(other.map(|(_, p)| (p.check.point(), p.act.clone())));
        }
        if let Some((check, act)) = possible {
            self.both_act(check, act, came.point());
        }
    }

    fn both_act(&mut self, check: Point, act: Point, now: Point) {
        let witness = vec![now.seq, check.seq, act.seq];
        let group = self.group(act.site, act.site, [act.thread, now.thread]);
        group.witness = witness;
        group.both_act = true;
        group.points = vec![check, act, now];
        group.count = 1;
    }
}

impl Windows {
    /// Whether the act rests on a look at this site: that from which the window counts or, where
    /// nothing keeps it closed, an earlier peek.
    fn begin_at(&self, tables: &Tables, look: u32) -> bool {
        let guards = || site(tables, self.act_site).is_some_and(|s| s.guards.contains(&look));
        let peeks = || self.last.values().any(|pair| pair.check.peek);
        look == self.check_site || self.unbroken.is_empty() && peeks() && guards()
    }

    /// Whether it is a copy that the act rests on, which is done to all that was in it.
    fn copies(&self, tables: &Tables) -> bool {
        site(tables, self.act_site).is_some_and(|s| s.guards.contains(&self.act_site))
    }
}

impl Pair {
    /// Whether a look that sees this is one that the act made vain.
    fn shows(&self, change: Change, seen: &Value) -> bool {
        if change == Change::Shrink {
            return found(&self.check.value) && !found(seen);
        }
        let flag = matches!(self.value, Value::Bool(_));
        let stored = self.value == *seen && (!flag || self.looks_for.for_more);
        // `k in d` and `hasattr` read whether something is there, not what it is.
        let grown = change == Change::Grow || !flag;
        stored || (grown && *seen == Value::Bool(true))
    }
}

impl Atomicity {
    pub fn read(&mut self, tables: &Tables, a: &Access) {
        self.looked(tables, a.e.target, a);
    }

    /// A read at `location`, or of a part of it.
    pub fn looked(&mut self, tables: &Tables, location: u32, a: &Access) {
        if let Some(state) = self.locations.get_mut(&location) {
            if !state.windows.is_empty() {
                state.checked(tables, a);
            }
        }
    }

    /// A read with which a thread comes past a loop that it has waited in, and how it came there.
    pub fn waited(&mut self, a: &Access, came: &Mark) {
        if let Some(state) = self.locations.get_mut(&a.e.target) {
            state.waited(a, came);
        }
    }

    /// A write, delete or update of `a.e.target`, an item or the contents of `container` if that
    /// is not 0.
    pub fn write(
        &mut self,
        tables: &Tables,
        survey: &Survey,
        a: &Access,
        reads: &Reads,
        protocols: &mut Protocols,
    ) {
        let e = a.e;
        let change = Change::of(tables, e);
        let container = tables.locations[e.target as usize - 1].object;
        let contents = survey.contents_of(container);
        // `setdefault` is a look and an act in one.
        let check =
            match site(tables, e.site).is_some_and(|s| text(tables, s).contains(".setdefault(")) {
                true => None,
                false => check_of(tables, survey, a, reads).cloned(),
            };
        if check.is_some() {
            // Of an item's own location it is known which item it is.
            let whole = |l: u32| tables.locations[l as usize - 1].kind == location::CONTENTS;
            let member = |id| site(tables, id).is_some_and(|s| text(tables, s).contains(" in "));
            let each = site(tables, e.site).is_some_and(|s| s.guards.contains(&e.site));
            let removes = change == Change::Shrink && !each;
            let copied = |check: &Mark| removes && survey.at_once[check.site as usize];
            let looks = |check: &Mark| Looks {
                keyed: whole(check.location) && member(check.site),
                chosen: copied(check).then_some(check.location),
                for_more: survey.rests(check.site, e.site),
            };
            let still = |check: &Mark| {
                let own = self.locations.get(&check.location);
                let own = own.and_then(|state| state.own.get(&e.thread));
                let keyed = looks(check);
                own.is_none_or(|(seq, part, of)| {
                    *seq < check.seq || apart((*part, of), (e.target, &e.value), keyed)
                })
            };
            if let Some(check) = check.filter(still) {
                let looks = looks(&check);
                let guarded = protocols.of(tables, a, reads, Some(&check));
                let state = self.locations.entry(check.location).or_default();
                state.act(&check, looks, change, a, &guarded);
            }
        }
        let guarded = protocols.of(tables, a, reads, None);
        self.locations
            .entry(e.target)
            .or_default()
            .changed(change, a, &guarded);
        if contents != 0 && contents != e.target && e.flags & flag::STRUCTURAL != 0 {
            self.locations
                .entry(contents)
                .or_default()
                .changed(change, a, &guarded);
        }
    }

    pub fn finish(self) -> Vec<Raw> {
        let mut out = Vec::new();
        for (location, mut state) in self.locations {
            for vain in std::mem::take(&mut state.vain).into_values() {
                if !state.groups.contains_key(&(vain.site, vain.site)) {
                    state.both_act(vain.check.point(), vain.act, vain.now);
                }
            }
            for group in state.groups.into_values() {
                out.push(Raw {
                    observed: group.observed,
                    location,
                    points: group.points,
                    witness: group.witness,
                    threads: group.threads,
                    count: group.count,
                    ..Raw::new(match group.both_act {
                        true => Rule::BothAct,
                        false => Rule::CheckThenAct,
                    })
                });
            }
        }
        out
    }
}
