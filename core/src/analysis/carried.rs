//! What a thread carries from a read to a write in objects of its own: `mine["n"] = total`, and in the
//! next critical section `total = mine["n"] + 1`.
//!
//! The sites say what flows into a store and out of a read. That what goes in at one comes out at the
//! other is known from the log: it was the same object. Only what one thread alone has used is
//! followed, and a queue in which a thread finds again what it has put there.

use rustc_hash::FxHashMap;

use super::texts::gathers;
use super::{site, text};
use crate::model::{Event, Tables};
use crate::ops;

/// So many reads are remembered of one object, and so many targets of one site.
const MOST: usize = 8;
/// So many objects, one after the other.
const STEPS: usize = 4;

/// The last of a few sites, zeros where there are fewer.
type Sites = [u32; 4];

fn remember(sites: &mut Sites, site: u32) {
    if !sites.contains(&site) {
        sites.rotate_right(1);
        sites[0] = site;
    }
}

/// A read of a variable that several threads use.
#[derive(Clone, Copy, PartialEq)]
pub struct Origin {
    pub site: u32,
    pub location: u32,
    pub seq: u64,
}

/// What an event is about: a variable, and the container or queue that it is in or is; 0 for none.
#[derive(Clone, Copy, Default)]
struct Place {
    location: u32,
    object: u32,
    /// Only how much is inside, or whether something is, was asked.
    measured: bool,
}

fn place(tables: &Tables, gathers: &[bool], e: &Event) -> Option<Place> {
    if e.op > ops::ITERATE {
        let queue = matches!(e.op, ops::PUT | ops::GET);
        return queue.then_some(Place {
            location: 0,
            object: e.target,
            measured: false,
        });
    }
    let row = tables.locations.get((e.target as usize).checked_sub(1)?)?;
    let inside = matches!(row.kind, ops::location::ITEM | ops::location::CONTENTS);
    Some(Place {
        location: e.target,
        object: if inside { row.object } else { 0 },
        measured: e.op == ops::READ
            && row.kind == ops::location::CONTENTS
            && !gathers[e.site as usize],
    })
}

fn stores(e: &Event) -> bool {
    matches!(e.op, ops::WRITE | ops::UPDATE | ops::PUT)
}

fn sources(tables: &Tables, id: u32) -> &[u32] {
    site(tables, id).map_or(&[], |s| &s.sources)
}

/// Looks in a first pass for what is carried at all.
pub struct Survey {
    /// By location: its thread; `u32::MAX` for several.
    thread: Vec<u32>,
    /// By site.
    last: Vec<Place>,
    /// By location and by object: the last sites with sources that stored there.
    stored: Vec<Sites>,
    filled: Vec<Sites>,
    /// By site: the variables that it has written.
    targets: Vec<Vec<u32>>,
    gathers: Vec<bool>,
}

/// What was found to be carried.
#[derive(Default)]
pub struct Paths {
    /// By location: one thread alone has accessed it.
    own: Vec<bool>,
    /// By site: a read whose value is carried.
    feeds: Vec<bool>,
    /// By site: its value is made of what is in the container that is read.
    gathers: Vec<bool>,
    /// The variables that are written with what was carried.
    pub targets: Vec<u32>,
}

impl Survey {
    pub fn new(tables: &Tables) -> Self {
        Survey {
            thread: vec![0; tables.locations.len() + 1],
            last: vec![Place::default(); tables.sites.len() + 1],
            stored: vec![[0; 4]; tables.locations.len() + 1],
            filled: vec![[0; 4]; tables.objects.len() + 1],
            targets: vec![Vec::new(); tables.sites.len() + 1],
            gathers: [false]
                .into_iter()
                .chain(tables.sites.iter().map(|at| gathers(text(tables, at))))
                .collect(),
        }
    }

    pub fn step(&mut self, tables: &Tables, e: &Event) {
        let at = place(tables, &self.gathers, e);
        let (Some(at), Some(site)) = (at, site(tables, e.site)) else {
            return;
        };
        self.last[e.site as usize] = at;
        if at.location != 0 {
            let thread = &mut self.thread[at.location as usize];
            *thread = match *thread {
                0 => e.thread,
                known if known == e.thread => known,
                _ => u32::MAX,
            };
        }
        if !stores(e) || site.sources.is_empty() {
            return;
        }
        remember(&mut self.stored[at.location as usize], e.site);
        if let Some(sites) = self.filled.get_mut(at.object as usize) {
            remember(sites, e.site);
        }
        let targets = &mut self.targets[e.site as usize];
        let known = targets.last() == Some(&at.location) || targets.len() == MOST;
        if !known && at.location != 0 && !targets.contains(&at.location) {
            targets.push(at.location);
        }
    }

    pub fn finish(self, tables: &Tables) -> Paths {
        let mut paths = Paths {
            own: self.thread.iter().map(|t| *t != u32::MAX).collect(),
            feeds: vec![false; self.last.len()],
            gathers: self.gathers.clone(),
            targets: Vec::new(),
        };
        for site in 1..self.targets.len() {
            self.follow(tables, site as u32, &mut paths);
        }
        paths
    }

    /// Whether what the site writes is made of what was read of a variable that it writes, by way
    /// of objects of one thread alone.
    fn follow(&self, tables: &Tables, write: u32, paths: &mut Paths) {
        let targets = &self.targets[write as usize];
        let shared = |location: &u32| !paths.own[*location as usize];
        if !targets.iter().any(shared) {
            return;
        }
        let mut seen = vec![write];
        let mut stores = vec![write];
        for step in 0..=STEPS {
            let mut next = Vec::new();
            for read in stores.iter().flat_map(|store| sources(tables, *store)) {
                let Some(at) = self.last.get(*read as usize) else {
                    continue;
                };
                if step > 0 && targets.contains(&at.location) {
                    paths.feeds[*read as usize] = true;
                    paths.targets.extend(targets);
                }
                if at.location == 0 || paths.own[at.location as usize] {
                    let filled = self.filled.get(at.object as usize);
                    let stored = self.stored[at.location as usize].iter();
                    let all = stored.chain(filled.map_or(&[][..], |sites| sites));
                    next.extend(all.filter(|s| **s != 0 && !seen.contains(s)));
                }
            }
            seen.extend(&next);
            stores = next;
        }
    }
}

/// What each thread carries, in the second pass.
#[derive(Default)]
pub struct Carried {
    /// By site and thread: what came out of there last.
    out: FxHashMap<(u32, u32), Vec<Origin>>,
    /// By location.
    stored: FxHashMap<u32, Vec<Origin>>,
    /// By container or queue, and thread.
    filled: FxHashMap<(u32, u32), Vec<Origin>>,
}

impl Carried {
    pub fn step(&mut self, tables: &Tables, paths: &Paths, e: &Event) {
        if paths.targets.is_empty() {
            return;
        }
        let Some(at) = place(tables, &paths.gathers, e) else {
            return;
        };
        let id = (e.site, e.thread);
        let own = at.location == 0 || paths.own[at.location as usize];
        if !own {
            if paths.feeds[e.site as usize] {
                let read = Origin {
                    site: e.site,
                    location: e.target,
                    seq: e.seq,
                };
                self.out.insert(id, vec![read]);
            }
            return;
        }
        // What an act takes out it gives, whatever it puts in.
        let stored = self.stored.get(&at.location);
        let filled = || self.filled.get(&(at.object, e.thread));
        match stored.filter(|_| at.location != 0).or_else(filled) {
            Some(origins) if !at.measured => {
                self.out.insert(id, origins.clone());
            }
            _ => {
                self.out.remove(&id);
            }
        }
        if !stores(e) {
            return;
        }
        let mut origins: Vec<Origin> = Vec::new();
        for source in sources(tables, e.site).iter().filter(|s| **s != e.site) {
            for origin in self.of(*source, e.thread) {
                if origins.len() < MOST && !origins.contains(origin) {
                    origins.push(*origin);
                }
            }
        }
        if at.object != 0 {
            let all = self.filled.entry((at.object, e.thread)).or_default();
            for origin in &origins {
                all.retain(|known| (known.site, known.location) != (origin.site, origin.location));
                if all.len() == MOST {
                    all.remove(0);
                }
                all.push(*origin);
            }
        }
        if e.op == ops::WRITE {
            match origins.is_empty() {
                true => self.stored.remove(&at.location),
                false => self.stored.insert(at.location, origins),
            };
        }
    }

    /// The reads that went into what the thread got at the site last.
    pub fn of(&self, site: u32, thread: u32) -> &[Origin] {
        self.out.get(&(site, thread)).map_or(&[], |found| found)
    }
}
