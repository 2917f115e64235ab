//! From each process's own ids to those of the trace.

use std::hash::{Hash, Hasher};
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

use super::definitions::{Birth, Definitions, Key};
use super::flows::{Flows, Row};
use crate::index::Index;
use crate::model::{Gap, Location, Object, Process, Site, Tables, Thread, Value};
use crate::ops;
use crate::spool::format::REMEMBERED;

/// The strings of the trace, each kept once.
#[derive(Default)]
pub struct Strings {
    ids: Index,
    pub rows: Vec<Vec<u8>>,
}

impl Strings {
    pub fn intern(&mut self, bytes: &[u8]) -> u32 {
        let next = self.rows.len() as u32 + 1;
        let rows = &self.rows;
        let id = self
            .ids
            .number(bytes, next, |id| rows[id as usize - 1] == bytes);
        if id == next {
            self.rows.push(bytes.to_vec());
        }
        id
    }

    /// The rows, which are to be given back before more is interned.
    pub fn take(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.rows)
    }

    pub fn give_back(&mut self, rows: Vec<Vec<u8>>) {
        self.rows = rows;
    }

    pub fn get(&self, id: u32) -> &[u8] {
        let row = (id as usize).checked_sub(1);
        row.and_then(|row| self.rows.get(row))
            .map_or(&[], Vec::as_slice)
    }
}

/// Old id → new id; 0 for what was never defined.
#[derive(Default, Hash)]
pub struct Map(Vec<u32>);

impl Map {
    fn set(&mut self, old: u32, new: u32) {
        let index = old as usize;
        if self.0.len() <= index {
            self.0.resize(index + 1, 0);
        }
        self.0[index] = new;
    }

    #[inline]
    pub fn get(&self, old: u32) -> u32 {
        self.0.get(old as usize).copied().unwrap_or(0)
    }

    /// Old and new ids of what was defined.
    fn iter(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        let all = self.0.iter().enumerate();
        all.filter(|(_, new)| **new != 0)
            .map(|(old, new)| (old as u32, *new))
    }

    /// The map of the ids up to `last`.
    fn up_to(&self, last: u32) -> Map {
        let end = self.0.len().min(last as usize + 1);
        Map(self.0[..end].to_vec())
    }
}

/// The maps of one process.
#[derive(Default)]
pub struct Maps {
    pub strings: Map,
    pub sites: Map,
    /// By site.
    pub stacks: Map,
    pub objects: Map,
    pub locations: Map,
    pub threads: Map,
    /// What flows into what, with the process's own ids.
    pub flows: Rc<Vec<Row>>,
}

/// What makes two sites of different processes the same: the place, and, where rewriting made
/// several sites at one place, which of them it is.
type SiteKey = ([u32; 7], bool, usize);

#[derive(Default)]
pub struct Numbers {
    pub tables: Tables,
    pub strings: Strings,
    /// The rows of the table, each once.
    gaps: FxHashSet<Gap>,
    sites: FxHashMap<SiteKey, u32>,
    /// Hashes of the flows that were followed.
    followed: FxHashSet<u64>,
    stacks: FxHashMap<Vec<u32>, u32>,
    /// The threads, by their paths.
    paths: FxHashMap<String, u32>,
    /// The rows of shared objects, by what they are called in all processes.
    shared: FxHashMap<u32, u32>,
    /// The rows of locations in shared objects.
    shared_locations: Index,
}

/// What makes two locations the same: kind, object, module, name, key.
type Place = (u8, u32, u32, u32, SameKey);

fn place(location: &Location) -> Place {
    let Location {
        kind,
        object,
        module,
        name,
        ..
    } = *location;
    (kind, object, module, name, same_key(&location.key))
}

/// Keys that are the same to a dict.
#[derive(PartialEq, Eq, Hash)]
enum SameKey {
    Absent,
    None,
    Number(i64),
    Float(u64),
    Str(u32),
    Bytes(u32),
    Ref(u32, u32),
}

fn same_key(key: &Value) -> SameKey {
    match *key {
        Value::Absent => SameKey::Absent,
        Value::None => SameKey::None,
        Value::Bool(key) => SameKey::Number(i64::from(key)),
        Value::Int(key) => SameKey::Number(key),
        Value::Float(key) if key as i64 as f64 == key => SameKey::Number(key as i64),
        Value::Float(key) => SameKey::Float(key.to_bits()),
        Value::Str(id) => SameKey::Str(id),
        Value::Bytes(id) => SameKey::Bytes(id),
        Value::Ref(kind, object) => SameKey::Ref(kind, object),
    }
}

/// The ids of the trace in place of a process's own.
fn to_trace(site: &mut Site, ids: &Map) {
    for list in [&mut site.sources, &mut site.guards, &mut site.regardless] {
        list.iter_mut().for_each(|id| *id = ids.get(*id));
        list.retain(|id| *id != 0);
    }
}

/// The rows in the order of their ids.
fn sorted<T>(rows: &FxHashMap<u32, T>) -> Vec<(u32, &T)> {
    let mut rows: Vec<_> = rows.iter().map(|(id, row)| (*id, row)).collect();
    rows.sort_unstable_by_key(|(id, _)| *id);
    rows
}

impl Numbers {
    /// Take over what a process defined. `threads` are the ids of the threads that left records.
    ///
    /// Locations and objects stay apart even where two processes define the same: each process
    /// has its own memory, so `num` in a child is another variable than `num` in its parent. Only
    /// what processes share is one. `parent` has the maps of the process it was forked from.
    pub fn add(
        &mut self,
        index: u32,
        definitions: &mut Definitions,
        threads: &[u32],
        parent: Option<&Maps>,
    ) -> Maps {
        let mut maps = Maps::default();
        if let (Some(parent), Some(inherited)) = (parent, definitions.inherited) {
            maps.strings = parent.strings.up_to(inherited.strings);
            maps.sites = parent.sites.up_to(inherited.sites);
            maps.stacks = parent.stacks.up_to(inherited.sites);
            maps.flows = parent.flows.clone();
            let flows = inherited.flows as usize;
            if flows < maps.flows.len() {
                Rc::make_mut(&mut maps.flows).truncate(flows);
            }
        }
        let follows = !definitions.flows.is_empty();
        if follows {
            Rc::make_mut(&mut maps.flows).append(&mut definitions.flows);
        }
        for (id, bytes) in definitions.strings.iter() {
            maps.strings.set(id, self.strings.intern(bytes));
        }
        let lost = || {
            let path = match self.tables.processes.is_empty() {
                true => "main".into(),
                false => format!("main/p{index}"),
            };
            Birth {
                name: path.clone(),
                path,
                ..Birth::default()
            }
        };
        let birth = definitions.birth.clone().unwrap_or_else(lost);
        let maker = self.add_process(&birth);
        self.add_threads(definitions, threads, &birth.path, maker, &mut maps);
        self.add_sites(definitions, &mut maps, follows);
        self.add_stacks(definitions, &mut maps);
        self.add_objects(definitions, &mut maps);
        self.add_locations(definitions, &mut maps);
        for note in &definitions.notes {
            // What is so in every process is said once.
            if !self.tables.notes.contains(note) {
                self.tables.notes.push(note.clone());
            }
        }
        for gap in &definitions.gaps {
            let thread = maps.threads.get(gap.thread);
            let gap = Gap {
                thread,
                ..gap.clone()
            };
            if self.gaps.insert(gap.clone()) {
                self.tables.gaps.push(gap);
            }
        }
        maps
    }

    /// A row for the process; returns the thread that made it.
    pub fn add_process(&mut self, birth: &Birth) -> u32 {
        // It is named by that thread.
        let maker = birth.path.rsplit_once('/').map_or("", |(maker, _)| maker);
        let maker = self.paths.get(maker).copied().unwrap_or(0);
        let thread = self.tables.threads.get((maker as usize).wrapping_sub(1));
        self.tables.processes.push(Process {
            path: birth.path.clone(),
            pid: birth.pid,
            exit_status: None,
            parent: thread.map_or(0, |thread| thread.process),
            method: birth.method.clone(),
            name: birth.name.clone(),
        });
        maker
    }

    fn add_threads(
        &mut self,
        definitions: &Definitions,
        threads: &[u32],
        path: &str,
        maker: u32,
        maps: &mut Maps,
    ) {
        let process = self.tables.processes.len() as u32;
        let mut ids: Vec<u32> = definitions.threads.keys().chain(threads).copied().collect();
        ids.sort_unstable();
        ids.dedup();
        for id in ids {
            let mut row = definitions.threads.get(&id).cloned().unwrap_or_else(|| {
                let path = if id == 1 {
                    path.to_owned()
                } else {
                    format!("{path}.?{id}")
                };
                Thread {
                    name: path.clone(),
                    path,
                    ..Thread::default()
                }
            });
            row.process = process;
            (row.ident, row.native_id) = definitions.idents.get(&id).copied().unwrap_or_default();
            row.parent = match maps.threads.get(row.parent) {
                0 if row.path == path => maker,
                parent => parent,
            };
            let next = self.tables.threads.len() as u32 + 1;
            self.paths.entry(row.path.clone()).or_insert(next);
            self.tables.threads.push(row);
            maps.threads.set(id, self.tables.threads.len() as u32);
        }
    }

    /// `follows`: the process has rewritten modules of its own.
    fn add_sites(&mut self, definitions: &Definitions, maps: &mut Maps, follows: bool) {
        let mut seen: FxHashMap<([u32; 7], bool), usize> = FxHashMap::default();
        let mut new = Vec::new();
        for (id, row) in definitions.sites.iter() {
            let strings = &maps.strings;
            let site = Site {
                file: strings.get(row.file),
                function: strings.get(row.function),
                text: strings.get(row.text),
                ..row.clone()
            };
            let place = [
                site.file,
                site.line,
                site.column,
                site.end_line,
                site.end_column,
                site.function,
                site.text,
            ];
            let count = seen.entry((place, site.opaque)).or_insert(0);
            *count += 1;
            let next = self.tables.sites.len() as u32 + 1;
            let global = *self
                .sites
                .entry((place, site.opaque, *count))
                .or_insert(next);
            if global == next {
                self.tables.sites.push(site);
                new.push(global);
            }
            maps.sites.set(id, global);
        }
        for global in &new {
            let site = &mut self.tables.sites[*global as usize - 1];
            to_trace(site, &maps.sites);
        }
        let mut hasher = FxHasher::default();
        (&maps.flows, &maps.sites).hash(&mut hasher);
        // Processes that have the same modules have the same flows.
        if follows && self.followed.insert(hasher.finish()) {
            self.follow(definitions, maps);
        }
    }

    /// Adds to the rows of the sites what flows into them in this process. Others may have other
    /// modules.
    fn follow(&mut self, definitions: &Definitions, maps: &Maps) {
        let mut flows = Flows::new(maps.flows.iter());
        for (id, global) in maps.sites.iter() {
            let mut site = definitions.sites.get(id).cloned().unwrap_or_default();
            flows.resolve(id, &mut site);
            to_trace(&mut site, &maps.sites);
            let row = &mut self.tables.sites[global as usize - 1];
            row.opaque |= site.opaque;
            for (known, new) in [
                (&mut row.sources, site.sources),
                (&mut row.guards, site.guards),
                (&mut row.regardless, site.regardless),
            ] {
                known.extend(new);
                known.sort_unstable();
                known.dedup();
            }
        }
    }

    fn add_stacks(&mut self, definitions: &Definitions, maps: &mut Maps) {
        let mut stacks = Map::default();
        for (id, row) in sorted(&definitions.stacks) {
            let row: Vec<u32> = row.iter().map(|&site| maps.sites.get(site)).collect();
            let next = self.tables.stacks.len() as u32 + 1;
            let global = *self.stacks.entry(row.clone()).or_insert(next);
            if global == next {
                self.tables.stacks.push(row);
            }
            stacks.set(id, global);
        }
        for (id, &(site, stack)) in sorted(&definitions.called) {
            let (site, stack) = (maps.sites.get(site), stacks.get(stack));
            maps.sites.set(id, site);
            maps.stacks.set(id, stack);
        }
    }

    fn add_objects(&mut self, definitions: &Definitions, maps: &mut Maps) {
        for (id, row) in definitions.objects.iter() {
            let row = Object {
                kind: maps.strings.get(row.kind),
                label: maps.strings.get(row.label),
                thread: maps.threads.get(row.thread),
                index: row.index,
                site: maps.sites.get(row.site),
            };
            let next = self.tables.objects.len() as u32 + 1;
            let mut global = next;
            if let Some(key) = definitions.shared.get(&id) {
                let key = maps.strings.get(*key);
                global = *self.shared.entry(key).or_insert(next);
            }
            if global == next {
                self.tables.objects.push(row);
            } else {
                // Of one object in several processes each says what it knows.
                let known = &mut self.tables.objects[global as usize - 1];
                let fill = |field: &mut u32, value: u32| {
                    if *field == 0 {
                        *field = value;
                    }
                };
                fill(&mut known.kind, row.kind);
                fill(&mut known.label, row.label);
                fill(&mut known.thread, row.thread);
                fill(&mut known.index, row.index);
                fill(&mut known.site, row.site);
            }
            maps.objects.set(id, global);
        }
    }

    fn add_locations(&mut self, definitions: &Definitions, maps: &mut Maps) {
        // A process with so many may have forgotten some, and numbered them again.
        let mut own = Index::default();
        let forgets = definitions.locations.len() > REMEMBERED;
        for (id, row) in definitions.locations.iter() {
            if !(ops::location::GLOBAL..=ops::location::CELL).contains(&row.kind) {
                continue;
            }
            let key = match &row.key {
                Key::None if row.kind != ops::location::ITEM => Value::Absent,
                Key::None => Value::None,
                Key::Bool(key) => Value::Bool(*key),
                Key::Int(key) => Value::Int(*key),
                Key::Float(key) => Value::Float(*key),
                Key::Str(key) => Value::Str(self.strings.intern(key)),
                Key::Bytes(key) => Value::Bytes(self.strings.intern(key)),
                Key::Ref(kind, object) => {
                    self.reference(maps.strings.get(*kind), maps.objects.get(*object))
                }
            };
            let location = Location {
                kind: row.kind,
                object: maps.objects.get(row.object),
                module: maps.strings.get(row.module),
                name: maps.strings.get(row.name),
                key,
                holds: maps.objects.get(row.holds),
            };
            let next = self.tables.locations.len() as u32 + 1;
            let mut global = next;
            let shared = definitions.shared.contains_key(&row.object);
            if shared || forgets {
                let known = match shared {
                    true => &mut self.shared_locations,
                    false => &mut own,
                };
                let (rows, place_of) = (&self.tables.locations, place(&location));
                global = known.number(&place_of, next, |id| {
                    place(&rows[id as usize - 1]) == place_of
                });
            }
            if global == next {
                self.tables.locations.push(location);
            } else if location.holds != 0 {
                self.tables.locations[global as usize - 1].holds = location.holds;
            }
            maps.locations.set(id, global);
        }
    }

    /// A reference whose type may have been lost.
    pub fn reference(&mut self, kind: u32, object: u32) -> Value {
        let kind = if kind == 0 {
            self.strings.intern(b"object")
        } else {
            kind
        };
        Value::Ref(kind, object)
    }
}
