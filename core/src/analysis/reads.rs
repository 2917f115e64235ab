//! The last read of each location by each thread at each site: where the windows begin in which
//! another thread's write does harm.

use rustc_hash::FxHashMap;

use super::access::{Access, Known, Point};
use super::carried::Carried;
use super::locks::Sections;
use crate::model::{Event, Value};

/// More read sites of one location in one thread than this, and the oldest is forgotten.
const SITES: usize = 8;

#[derive(Clone)]
pub struct Mark {
    pub site: u32,
    pub seq: u64,
    pub location: u32,
    /// Of the container, what it has at some index.
    pub peek: bool,
    pub thread: u32,
    /// Who called the code.
    pub stack: u32,
    pub value: Value,
    pub held: Sections,
    pub weak: Known,
    /// How often the location had been written.
    pub writes: u64,
    /// How many updates had gone into the value, one upon the other.
    pub depth: u64,
}

impl Mark {
    /// The read `a`: the location had been written so often, with so many updates in the value.
    pub fn new(a: &Access, (writes, depth): (u64, u64)) -> Mark {
        let e = a.e;
        Mark {
            site: e.site,
            seq: e.seq,
            location: e.target,
            peek: false,
            thread: e.thread,
            stack: e.stack,
            value: a.saw(),
            held: a.held.clone(),
            weak: a.weak.clone(),
            writes,
            depth,
        }
    }

    pub fn point(&self) -> Point {
        Point {
            seq: self.seq,
            thread: self.thread,
            site: self.site,
            locks: self.held.iter().map(|s| s.lock).collect(),
        }
    }
}

#[derive(Default)]
pub struct Reads {
    pub carried: Carried,
    marks: FxHashMap<(u32, u32), Vec<Mark>>,
    /// By container and thread: the item that was read last.
    last_item: FxHashMap<(u32, u32), u32>,
    /// By site and thread: the location that was read there last.
    latest: FxHashMap<(u32, u32), u32>,
}

impl Reads {
    pub fn add(&mut self, a: &Access, history: (u64, u64), container: u32) {
        self.keep(Mark::new(a, history));
        if container != 0 {
            self.last_item.insert((container, a.e.thread), a.e.target);
        }
    }

    /// What a container has at some index is seen: which item that is rests on its order.
    pub fn peek(&mut self, a: &Access, contents: u32) {
        self.keep(Mark {
            location: contents,
            peek: true,
            ..Mark::new(a, (0, 0))
        });
    }

    fn keep(&mut self, mark: Mark) {
        let marks = self.marks.entry((mark.location, mark.thread)).or_default();
        if let Some(i) = marks.iter().position(|m| m.site == mark.site) {
            marks.remove(i);
        } else if marks.len() == SITES {
            marks.remove(0);
        }
        marks.push(mark);
    }

    /// Any read at a site that matters, whether its location is watched or not.
    pub fn passed(&mut self, e: &Event) {
        self.latest.insert((e.site, e.thread), e.target);
    }

    /// What the thread read last at the site, if that is known.
    pub fn at(&self, site: u32, thread: u32) -> Option<&Mark> {
        let location = self.latest.get(&(site, thread))?;
        let marks = self.marks.get(&(*location, thread))?;
        marks.iter().find(|m| m.site == site)
    }

    /// The last read of the location whose value the thread has carried to one of these sites.
    pub fn carried(&self, sources: &[u32], location: u32, thread: u32) -> Option<&Mark> {
        let marks = self.marks.get(&(location, thread))?;
        let carried = sources.iter().flat_map(|s| self.carried.of(*s, thread));
        carried
            .filter(|origin| origin.location == location)
            .filter_map(|o| marks.iter().find(|m| m.site == o.site && m.seq == o.seq))
            .max_by_key(|m| m.seq)
    }

    /// The latest first; without those whose site has since read another location.
    pub fn of(&self, location: u32, thread: u32) -> impl Iterator<Item = &Mark> {
        let current = move |m: &&Mark| {
            m.peek
                || self
                    .latest
                    .get(&(m.site, thread))
                    .is_none_or(|latest| *latest == location)
        };
        self.marks
            .get(&(location, thread))
            .into_iter()
            .flat_map(|m| m.iter().rev())
            .filter(current)
    }

    pub fn last_item(&self, container: u32, thread: u32) -> u32 {
        self.last_item
            .get(&(container, thread))
            .copied()
            .unwrap_or(0)
    }
}
