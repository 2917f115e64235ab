//! What the engines found, made ready to be told: patterns that say the same are one.

use rustc_hash::FxHashMap;

use super::access::{add_thread, Raw};
use super::locks::Locks;
use super::rules::Rule;
use super::{site, Each};
use crate::model::Tables;
use crate::ops;

/// Puts into the points the locks that were really held, needed or not.
pub fn hold<E>(tables: &Tables, found: &mut [Raw], each: &Each<E>) -> Result<(), E> {
    let all = || found.iter().filter(|raw| !raw.not_needed.is_empty());
    let points = all().flat_map(|raw| &raw.points);
    let mut at: FxHashMap<u64, Vec<u32>> = points.map(|p| (p.seq, Vec::new())).collect();
    let mut locks = Locks::new(tables);
    each(&mut |e| {
        if e.op > ops::ITERATE {
            locks.step(e);
        }
        if let Some(held) = at.get_mut(&e.seq) {
            held.extend(locks.held(e.thread).iter().map(|section| section.lock));
        }
    })?;
    for point in found.iter_mut().flat_map(|raw| &mut raw.points) {
        for lock in at.get(&point.seq).into_iter().flatten() {
            if !point.locks.contains(lock) {
                point.locks.push(*lock);
            }
        }
    }
    Ok(())
}

/// Whether both writes of a predicted lost update are acts that rest on the check of the other
/// finding.
pub fn covers(tables: &Tables, check: &Raw, update: &Raw) -> bool {
    let has = |site: u32| check.points.iter().any(|p| p.site == site);
    let writes = update.witness.iter().rev().take(2);
    let mut writes = writes.filter_map(|seq| update.points.iter().find(|p| p.seq == *seq));
    writes.all(|write| {
        let guards = site(tables, write.site).map_or(&[][..], |s| &s.guards);
        has(write.site) && guards.iter().any(|guard| has(*guard))
    })
}

/// The same sites at several locations (the same attribute of many objects) are one finding.
pub fn merge(mut found: Vec<Raw>) -> Vec<Raw> {
    found.sort_by_key(|f| {
        let first = f.points.first().map(|p| p.seq);
        (!f.observed, f.location, first, f.rule)
    });
    let mut out: Vec<Raw> = Vec::new();
    let mut places: FxHashMap<(Rule, u32, Vec<u32>), usize> = FxHashMap::default();
    for mut raw in found {
        raw.places.extend(Some(raw.location).filter(|l| *l != 0));
        let mut sites = raw.sites();
        sites.sort_unstable();
        let key = (raw.rule, raw.object, sites);
        let known = places.get(&key).copied().filter(|_| raw.location != 0);
        let Some(i) = known else {
            places.insert(key, out.len());
            out.push(raw);
            continue;
        };
        let first = &mut out[i];
        if raw.observed == first.observed {
            first.count += raw.count;
            first.total = first.total.zip(raw.total).map(|(a, b)| a + b);
            first.places.push(raw.location);
            raw.threads
                .iter()
                .for_each(|t| add_thread(&mut first.threads, *t));
        }
    }
    out
}
