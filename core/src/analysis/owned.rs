//! What is a worker's own: variables that only it reaches, whichever of its tasks uses them.
//!
//! * the memory of a worker that is a process, but for what other processes use, too;
//! * what lies under its identity: the number of its thread or process, its name, itself; and the
//!   attributes of the object that stands for it;
//! * an object that it has made and uses alone, if no reference to it was stored where others find it.
//!   It is in its `threading.local` then, or in a variable of one task; and an object to which only
//!   places lead that are its own.

use rustc_hash::{FxHashMap, FxHashSet};

use super::process_of;
use crate::model::{Event, Location, Tables, Value};
use crate::ops::{self, location};

/// Not one alone.
const SEVERAL: u32 = u32::MAX;

/// Looks at who uses what.
pub struct Owners {
    /// By location: the process that alone has used it; 0 for none, or `SEVERAL`.
    processes: Vec<u32>,
    /// By object: the thread that alone has used it, or `SEVERAL`.
    threads: Vec<u32>,
    /// By object: the locations where references to it were.
    holders: FxHashMap<u32, Vec<u32>>,
    held: FxHashSet<(u32, u32)>,
}

fn one_alone(known: &mut u32, user: u32) {
    *known = match *known {
        0 => user,
        same if same == user => same,
        _ => SEVERAL,
    };
}

impl Owners {
    pub fn new(tables: &Tables) -> Self {
        let mut owners = Owners {
            processes: vec![0; tables.locations.len() + 1],
            threads: vec![0; tables.objects.len() + 1],
            holders: FxHashMap::default(),
            held: FxHashSet::default(),
        };
        for (row, id) in tables.locations.iter().zip(1..) {
            owners.hold(row.holds, id);
        }
        owners
    }

    fn hold(&mut self, object: u32, location: u32) {
        if object != 0 && self.held.insert((object, location)) {
            self.holders.entry(object).or_default().push(location);
        }
    }

    pub fn step(&mut self, tables: &Tables, e: &Event) {
        if e.op > ops::ITERATE {
            return;
        }
        let Some(row) = tables.locations.get((e.target as usize).wrapping_sub(1)) else {
            return;
        };
        let process = process_of(tables, e.thread);
        one_alone(&mut self.processes[e.target as usize], process);
        if let Some(thread) = self.threads.get_mut(row.object as usize) {
            one_alone(thread, e.thread);
        }
        if let Value::Ref(_, object) = e.value {
            self.hold(object, e.target);
        }
    }

    /// By location: the one of `workers` whose own it is, or 0.
    pub fn finish(&self, tables: &Tables, workers: &[u32]) -> Vec<u32> {
        if workers.is_empty() {
            return Vec::new();
        }
        let known = Workers::new(tables, workers);
        let rows = || tables.locations.iter().zip(1..);
        let mut own = vec![0; tables.locations.len() + 1];
        for (row, id) in rows() {
            let process = self.processes[id];
            let of_process = known.processes.get(&process);
            own[id] = *of_process.or_else(|| known.named(row)).unwrap_or(&0);
        }
        let mut owners = vec![0; tables.objects.len() + 1];
        loop {
            let mut more = false;
            for (object, owner) in owners.iter_mut().enumerate().skip(1) {
                if *owner == 0 {
                    *owner = self.owner(tables, &known, object, &own);
                    more |= *owner != 0;
                }
            }
            if !more {
                return own;
            }
            for (row, id) in rows() {
                if own[id] == 0 {
                    own[id] = owners.get(row.object as usize).copied().unwrap_or(0);
                }
            }
        }
    }

    /// Whose own the object is, by what is known of the places so far.
    fn owner(&self, tables: &Tables, known: &Workers, object: usize, own: &[u32]) -> u32 {
        let user = self.threads[object];
        match self.holders.get(&(object as u32)) {
            Some(holders) => {
                let owner = own[holders[0] as usize];
                let same = holders.iter().all(|place| own[*place as usize] == owner);
                if same {
                    owner
                } else {
                    0
                }
            }
            None if known.threads.contains(&user) && tables.objects[object - 1].thread == user => {
                user
            }
            None => 0,
        }
    }
}

/// How workers are known.
#[derive(Default)]
struct Workers {
    threads: FxHashSet<u32>,
    /// Those that are processes, by them.
    processes: FxHashMap<u32, u32>,
    /// By the numbers of their threads and processes.
    numbers: FxHashMap<i64, u32>,
    /// By their names, which are ids of strings.
    names: FxHashMap<u32, u32>,
    /// By the objects that stand for them.
    objects: FxHashMap<u32, u32>,
}

impl Workers {
    fn new(tables: &Tables, workers: &[u32]) -> Self {
        let mut known = Workers::default();
        let mut names: FxHashMap<&[u8], u32> = FxHashMap::default();
        known.threads.extend(workers);
        for &worker in workers {
            let thread = &tables.threads[worker as usize - 1];
            names.insert(thread.name.as_bytes(), worker);
            known.numbers.insert(thread.ident as i64, worker);
            known.numbers.insert(i64::from(thread.native_id), worker);
            let process = tables
                .processes
                .get((thread.process as usize).wrapping_sub(1));
            if let Some(process) = process.filter(|process| process.path == thread.path) {
                known.processes.insert(thread.process, worker);
                known.numbers.insert(process.pid as i64, worker);
                names.insert(process.name.as_bytes(), worker);
            }
        }
        known.numbers.remove(&0); // not known
        for (text, id) in tables.strings.iter().zip(1..) {
            if let Some(&worker) = names.get(&text[..]) {
                known.names.insert(id, worker);
            }
        }
        for (row, id) in tables.objects.iter().zip(1..) {
            let kind = tables.strings.get((row.kind as usize).wrapping_sub(1));
            let stands =
                kind.is_some_and(|kind| kind.ends_with(b"Thread") || kind.ends_with(b"Process"));
            if stands && known.threads.contains(&row.thread) {
                known.objects.insert(id, row.thread);
            }
        }
        known
    }

    /// The worker whose own the location is by the way in which it is found.
    fn named(&self, row: &Location) -> Option<&u32> {
        match (row.kind, row.key) {
            (location::ITEM, Value::Int(number)) => self.numbers.get(&number),
            (location::ITEM, Value::Str(text)) => self.names.get(&text),
            (location::ITEM, Value::Ref(_, object)) => self.objects.get(&object),
            (location::ATTRIBUTE, _) => self.objects.get(&row.object),
            _ => None,
        }
    }
}
