//! Check-then-act on events: `is_set()` tested before a `set()` or `clear()` that something else rests
//! on (`if not started.is_set(): started.set(); run()`).
//!
//! Two threads can both come past the test. Where nothing but the `set()` rests on it, that does no
//! harm. Observed where both saw the same before one of them acted; predicted where a thread came
//! late, saw what the other's act had left, and nothing keeps it from coming first.

use rustc_hash::FxHashMap;

use super::access::{add_thread, Access, Point, Raw};
use super::locks::{share_lock, unbroken, Sections};
use super::rules::Rule;
use super::site;
use super::survey::Survey;
use crate::model::{Tables, Value};
use crate::ops;

/// The latest look of one thread at one site.
struct Look {
    point: Point,
    held: Sections,
    set: bool,
}

/// A look and the act that rested on it, the last of a thread at a pair of sites.
struct Acted {
    look: Point,
    act: Point,
    set: bool,
    unbroken: Vec<u32>,
}

#[derive(Default)]
struct State {
    /// By thread and site.
    looks: FxHashMap<(u32, u32), Look>,
    /// By thread and the site of the act.
    acted: FxHashMap<(u32, u32), Acted>,
    /// By the sites of both acts.
    found: FxHashMap<(u32, u32), Raw>,
}

pub struct FlagChecks {
    flags: FxHashMap<u32, State>,
    /// By site: something was done there, not only looked at.
    acted: Vec<bool>,
}

impl State {
    fn report(&mut self, object: u32, observed: bool, points: [Point; 3], acts: [u32; 2]) {
        let threads = points.each_ref().map(|p| p.thread);
        let key = (acts[0].min(acts[1]), acts[0].max(acts[1]));
        let found = self.found.entry(key).or_insert_with(|| Raw {
            observed,
            object,
            ..Raw::new(Rule::Flag)
        });
        if found.points.is_empty() || (observed && !found.observed) {
            found.observed = observed;
            found.count = 0;
            found.witness = match observed {
                true => Vec::new(),
                false => points.each_ref().map(|p| p.seq).to_vec(),
            };
            found.points = points.to_vec();
            found.points.sort_by_key(|p| p.seq);
        }
        found.count += u64::from(observed == found.observed);
        threads
            .into_iter()
            .for_each(|thread| add_thread(&mut found.threads, thread));
    }

    /// A thread looks. If it sees what another's act has left: had it come first, it would have
    /// acted, too.
    fn look(&mut self, a: &Access, set: bool) {
        let now = Point::new(a.e, &a.held);
        let late = self.acted.iter().filter(|((thread, _), acted)| {
            *thread != now.thread
                && acted.look.site == now.site
                && acted.set == set
                && !a.weak.has(*thread, acted.act.seq)
                && !share_lock(&acted.unbroken, &a.held)
        });
        let first = late.min_by_key(|((thread, _), acted)| (*thread, acted.act.seq));
        if let Some((look, act)) = first.map(|(_, one)| (one.look.clone(), one.act.clone())) {
            let sites = [act.site; 2];
            self.report(a.e.target, false, [now.clone(), look, act], sites);
        }
        let look = Look {
            point: now,
            held: a.held.clone(),
            set,
        };
        self.looks.insert((a.e.thread, a.e.site), look);
    }

    /// A thread sets or clears it, after a look that found it otherwise.
    fn act(&mut self, a: &Access, look: (Point, Sections), set: bool) {
        let (look, held) = look;
        let now = Point::new(a.e, &a.held);
        let mut kept = Vec::new();
        unbroken(&held, &a.held, &mut kept);
        let others = self.acted.iter().filter(|((thread, _), acted)| {
            *thread != now.thread
                && acted.set == set
                && acted.act.seq > look.seq
                && !acted.act.locks.iter().any(|lock| kept.contains(lock))
        });
        let between = others.max_by_key(|(_, acted)| acted.act.seq);
        if let Some(other) = between.map(|(_, acted)| acted.act.clone()) {
            let sites = [now.site, other.site];
            let points = [look.clone(), other, now.clone()];
            self.report(a.e.target, true, points, sites);
        }
        let acted = Acted {
            look,
            act: now,
            set,
            unbroken: kept,
        };
        self.acted.insert((a.e.thread, a.e.site), acted);
    }
}

impl FlagChecks {
    pub fn new(tables: &Tables) -> Self {
        FlagChecks {
            flags: FxHashMap::default(),
            acted: vec![false; tables.sites.len() + 1],
        }
    }

    /// Something was done at the site.
    pub fn acted(&mut self, site: u32) {
        if let Some(acted) = self.acted.get_mut(site as usize) {
            *acted = true;
        }
    }

    pub fn step(&mut self, tables: &Tables, a: &Access) {
        let e = a.e;
        let state = self.flags.entry(e.target).or_default();
        let set = match (e.op, e.value) {
            (ops::IS_SET, Value::Bool(set)) => {
                state.look(a, set);
                return;
            }
            (ops::SET, _) => true,
            (ops::CLEAR, _) => false,
            _ => return,
        };
        let guards = site(tables, e.site).map_or(&[][..], |s| &s.guards);
        let look = guards
            .iter()
            .filter_map(|guard| state.looks.get(&(e.thread, *guard)))
            .max_by_key(|look| look.point.seq)
            .filter(|look| look.set != set)
            .map(|look| (look.point.clone(), look.held.clone()));
        if let Some(look) = look {
            state.act(a, look, set);
        }
    }

    pub fn finish(self, tables: &Tables, survey: &Survey) -> Vec<Raw> {
        let found = self.flags.into_values().flat_map(|state| state.found);
        let matters = |raw: &Raw| {
            let acted = self.acted.iter().zip(&survey.acted_within);
            let done = tables.sites.iter().zip(acted.skip(1)).zip(1..);
            let others =
                done.filter(|((_, (acted, within)), id)| (**acted || **within) && !raw.has(*id));
            others
                .flat_map(|((site, _), _)| &site.guards)
                .any(|guard| raw.has(*guard))
        };
        found
            .map(|(_, raw)| raw)
            .filter(|raw| matters(raw))
            .collect()
    }
}
