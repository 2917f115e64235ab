//! What the objects and locations of a trace are called: each object by the shortest way on which the
//! program comes to it from a variable, as the trace shows it; no two by the same.
//!
//! What was stored or read at a location lies there, and so does what the recorder found there. From
//! the globals on the names go along these, the nearest first. Then come the objects that only a local
//! variable names, then those that nothing does; and from each what lies in it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rustc_hash::FxHashMap;

use super::Each;
use crate::index::Index;
use crate::model::{Event, Object, Tables, Value};
use crate::ops::{self, location as kind, outcome};

mod called;
mod text;

pub use called::Called;

/// So many of the locations where an object lay are considered.
const PLACES: usize = 6;

/// What a step on the way to an object costs. A location that held several objects is a worse name for
/// each, and so is a place in a list, which shifts.
mod cost {
    pub const GLOBAL: u32 = 10;
    pub const ATTRIBUTE: u32 = 10;
    pub const KEY: u32 = 12;
    pub const INDEX: u32 = 14;
    pub const CELL: u32 = 10;
    pub const PASSING: u32 = 15;
}

/// What the events tell of one object.
#[derive(Clone, Default)]
struct Seen {
    /// Locations where it lay.
    places: Vec<u32>,
    /// The site of its first use, and the process.
    site: u32,
    process: u32,
    /// It stands for a thread or process, which have names of their own.
    is_thread: bool,
}

/// The locations of one object in the order of their costs, and what the cheapest would have called it.
struct Namer<'t> {
    tables: &'t Tables,
    script: Option<&'t [u8]>,
    seen: Vec<Seen>,
    /// By location: whether several objects lay there.
    passing: Vec<bool>,
    /// By object: the locations in it, with what lies there.
    inside: Vec<Vec<(u32, u32)>>,
    names: Vec<String>,
    /// The objects by their names.
    used: Index,
    /// How often a name was told apart by a number.
    counts: FxHashMap<String, u32>,
    /// By object: the first name that another one had already.
    refused: FxHashMap<u32, String>,
    queue: BinaryHeap<Reverse<(u32, u32, u32)>>,
}

/// Names all objects; index 0 is unused, as there is no row 0. `script` is what the module of the script's
/// own globals is called; they go without.
pub fn names<E>(tables: &Tables, script: Option<&str>, each: &Each<E>) -> Result<Vec<String>, E> {
    let mut namer = Namer::new(tables, script);
    each(&mut |event| namer.see(event))?;
    namer.finish();
    Ok(namer.names)
}

fn row<T>(rows: &[T], id: u32) -> Option<&T> {
    rows.get((id as usize).checked_sub(1)?)
}

impl<'t> Namer<'t> {
    fn new(tables: &'t Tables, script: Option<&'t str>) -> Self {
        let objects = tables.objects.len() + 1;
        let mut namer = Namer {
            tables,
            script: script.map(str::as_bytes),
            seen: vec![Seen::default(); objects],
            passing: vec![false; tables.locations.len() + 1],
            inside: vec![Vec::new(); objects],
            names: vec![String::new(); objects],
            used: Index::default(),
            counts: FxHashMap::default(),
            refused: FxHashMap::default(),
            queue: BinaryHeap::new(),
        };
        for (i, location) in tables.locations.iter().enumerate() {
            if location.holds != 0 {
                namer.lies(location.holds, i as u32 + 1);
            }
        }
        namer
    }

    fn called(&self) -> Called<'_> {
        Called {
            tables: self.tables,
            script: self.script,
            objects: &self.names,
        }
    }

    fn text(&self, id: u32) -> String {
        called::text(self.tables, id)
    }

    fn lies(&mut self, object: u32, location: u32) {
        let Some(seen) = self.seen.get_mut(object as usize) else {
            return;
        };
        if seen.places.contains(&location) {
            return;
        }
        let global = |id| row(&self.tables.locations, id).is_some_and(|l| l.kind == kind::GLOBAL);
        if seen.places.len() < PLACES {
            seen.places.push(location);
        } else if global(location) {
            seen.places[PLACES - 1] = location;
        }
    }

    fn see(&mut self, event: &Event) {
        let process = row(&self.tables.threads, event.thread).map_or(0, |thread| thread.process);
        let mut object = event.target;
        if event.op <= ops::ITERATE {
            let Some(location) = row(&self.tables.locations, event.target) else {
                return;
            };
            object = location.object;
            if let (Value::Ref(_, value), outcome::OK) = (event.value, event.outcome) {
                if value != 0 && location.kind != kind::CONTENTS {
                    self.lies(value, event.target);
                }
            }
        }
        let Some(seen) = self.seen.get_mut(object as usize).filter(|_| object != 0) else {
            return;
        };
        if seen.process == 0 {
            (seen.process, seen.site) = (process, event.site);
        }
        seen.is_thread |= matches!(event.op, ops::START | ops::BEGIN | ops::END);
    }

    fn finish(&mut self) {
        self.connect();
        let objects = 1..self.names.len() as u32;
        for object in objects.clone() {
            let row = &self.tables.objects[object as usize - 1];
            if self.seen[object as usize].is_thread || self.text(row.kind) == "Input" {
                let label = self.text(row.label);
                self.names[object as usize] = match label.is_empty() {
                    true => format!("{}#{}", self.text(row.kind), row.index),
                    false => label,
                };
            } else {
                self.offer(object, kind::GLOBAL, 0);
            }
        }
        self.spread();
        for object in objects.clone() {
            if self.names[object as usize].is_empty() {
                self.offer(object, kind::CELL, 0);
                let label = self.label(object);
                let places = &self.seen[object as usize].places;
                let part = places.iter().any(|&place| self.is_part(place));
                if !label.is_empty() && !label.contains('.') && !part {
                    self.queue.push(Reverse((cost::CELL, object, 0)));
                }
            }
        }
        self.spread();
        // What lies in another object is named after that, if it may be.
        for last in [false, true] {
            for object in objects.clone() {
                let places = &self.seen[object as usize].places;
                let inner = places.iter().any(|&place| self.owner(place) != 0);
                if self.names[object as usize].is_empty() && (last || !inner) {
                    self.distinguish(object);
                    self.spread();
                }
            }
        }
    }

    /// From where objects lie to what lies in each.
    fn connect(&mut self) {
        let mut holders = vec![0; self.passing.len()];
        for object in 1..self.seen.len() as u32 {
            for &place in &self.seen[object as usize].places {
                let holder = &mut holders[place as usize];
                self.passing[place as usize] |= *holder != 0 && *holder != object;
                *holder = object;
            }
        }
        for object in 1..self.seen.len() as u32 {
            for &place in &self.seen[object as usize].places {
                let owner = self.owner(place);
                if owner != 0 && owner != object {
                    self.inside[owner as usize].push((place, object));
                }
            }
        }
    }

    fn owner(&self, location: u32) -> u32 {
        match row(&self.tables.locations, location) {
            Some(row) if row.kind != kind::CELL => row.object,
            _ => 0,
        }
    }

    /// Whether what lies there goes by the name of the object that it lies in.
    fn is_part(&self, location: u32) -> bool {
        let location = row(&self.tables.locations, location);
        location.is_some_and(|l| l.kind == kind::ATTRIBUTE && l.name == 0)
    }

    fn step(&self, id: u32) -> u32 {
        let location = &self.tables.locations[id as usize - 1];
        let step = match (location.kind, location.key) {
            (kind::GLOBAL, _) => cost::GLOBAL,
            (kind::ITEM, Value::Int(_)) => cost::INDEX,
            (kind::ITEM, _) => cost::KEY,
            (kind::CELL, _) => cost::CELL,
            _ => cost::ATTRIBUTE,
        };
        step + cost::PASSING * u32::from(self.passing[id as usize])
    }

    /// Takes the object's places of this kind into the queue.
    fn offer(&mut self, object: u32, kind: u8, so_far: u32) {
        for &place in &self.seen[object as usize].places {
            if self.tables.locations[place as usize - 1].kind == kind {
                let cost = so_far + self.step(place);
                self.queue.push(Reverse((cost, object, place)));
            }
        }
    }

    /// Gives names along the queue; what has one already is passed over.
    fn spread(&mut self) {
        while let Some(Reverse((cost, object, place))) = self.queue.pop() {
            if !self.names[object as usize].is_empty() {
                continue;
            }
            let name = match place {
                0 => self.label(object),
                place => self.called().location(place, false),
            };
            if self.is_part(place) {
                self.names[object as usize] = name;
            } else if !self.take(object, &name) {
                self.refused.entry(object).or_insert(name);
                continue;
            }
            self.pass_on(object, cost);
        }
    }

    fn pass_on(&mut self, object: u32, so_far: u32) {
        for (place, inner) in std::mem::take(&mut self.inside[object as usize]) {
            if self.names[inner as usize].is_empty() {
                let cost = so_far + self.step(place);
                self.queue.push(Reverse((cost, inner, place)));
            }
        }
    }

    /// Gives the object the name, or the name with its process, if no other one has it.
    fn take(&mut self, object: u32, name: &str) -> bool {
        let mut name = name.to_owned();
        let other = self.put(object, &name);
        if other != object {
            let process = |object: u32| self.seen[object as usize].process;
            let own = row(&self.tables.processes, process(object));
            match own.filter(|_| process(other) != process(object) && process(other) != 0) {
                Some(own) if own.name.is_empty() => name = format!("{}/{name}", own.path),
                Some(own) => name = format!("{}/{name}", own.name),
                None => return false,
            }
            if self.put(object, &name) != object {
                return false;
            }
        }
        self.names[object as usize] = name;
        true
    }

    /// The object that has the name: this one, unless another one had it.
    fn put(&mut self, object: u32, name: &str) -> u32 {
        let names = &self.names;
        self.used
            .number(name, object, |other| names[other as usize] == name)
    }

    /// Names an object that has no name of its own, by a number if need be.
    fn distinguish(&mut self, object: u32) {
        let base = match self.refused.remove(&object) {
            Some(name) => name,
            None => self.described(object),
        };
        let mut name = base.clone();
        let mut count = self.counts.get(&base).copied().unwrap_or(1);
        while !self.take(object, &name) {
            count += 1;
            name = format!("{base}#{count}");
        }
        self.counts.insert(base, count);
        self.pass_on(object, cost::PASSING);
    }

    /// The variable that the object was first assigned to, as its row has it.
    fn label(&self, object: u32) -> String {
        let label = self.text(self.tables.objects[object as usize - 1].label);
        let label = label.strip_prefix("self.").or(label.strip_prefix("cls."));
        let label = label.map_or_else(
            || self.text(self.tables.objects[object as usize - 1].label),
            str::to_owned,
        );
        match label.rsplit_once('#') {
            Some((name, count)) if count.bytes().all(|c| c.is_ascii_digit()) => name.to_owned(),
            _ => label,
        }
    }

    /// `dict@race.py:12`: where it was made, or first used; an instance by its class.
    fn described(&self, object: u32) -> String {
        let label = self.label(object);
        if !label.is_empty() {
            return label;
        }
        let Object {
            kind, index, site, ..
        } = self.tables.objects[object as usize - 1];
        let kind = self.text(kind);
        let contents = self.inside_of(object);
        let site = match site {
            0 if contents => self.seen[object as usize].site,
            site => site,
        };
        match row(&self.tables.sites, site) {
            Some(row) => {
                let file = self.text(row.file);
                let file = file.rsplit('/').next().unwrap_or_default();
                format!("{kind}@{file}:{}", row.line)
            }
            None if contents => format!("{kind}#{index}"),
            None => kind,
        }
    }

    /// Whether the object is a container: its class does not tell which one it is.
    fn inside_of(&self, object: u32) -> bool {
        let kind = self.text(self.tables.objects[object as usize - 1].kind);
        matches!(
            kind.as_str(),
            "dict"
                | "list"
                | "set"
                | "deque"
                | "bytearray"
                | "tuple"
                | "defaultdict"
                | "OrderedDict"
        )
    }
}
