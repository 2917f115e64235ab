//! Objects that go from thread to thread through a list, a deque or a set: `append` happens before
//! the `pop` that returns the same object.
//!
//! With the GIL each of the two calls is done in one step, and is recorded in the order in which it
//! was done. So, as with a queue, who takes an object knows of everything that was done before it
//! was put in. What is not told apart (equal numbers, the items of an `extend`) counts as the same.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::changes::{self, Change};
use super::clock::{Gathered, Stamp};
use super::{site, text};
use crate::model::{Event, Tables, Value};
use crate::ops;

/// The items of one container that are told apart.
const MOST: usize = 4096;

#[derive(Default)]
struct Inside {
    /// Those who put each item in, by its value, and how often it is inside.
    items: FxHashMap<(u8, u64), (Gathered, u64)>,
    /// Those who put in something else.
    rest: Gathered,
}

/// Looks in a first pass for the containers that more than one thread changes: what a thread finds again
/// in its own comes after itself.
#[derive(Default)]
pub struct Users {
    /// By object: the first of them.
    first: Vec<u32>,
    several: Vec<bool>,
}

impl Users {
    pub fn step(&mut self, tables: &Tables, e: &Event) {
        let Some(object) = container(tables, e).map(|object| object as usize) else {
            return;
        };
        if self.first.is_empty() {
            self.first = vec![0; tables.objects.len() + 1];
            self.several = vec![false; tables.objects.len() + 1];
        }
        if self.first[object] == 0 {
            self.first[object] = e.thread;
        }
        self.several[object] |= self.first[object] != e.thread;
    }

    pub fn finish(self) -> Rc<[bool]> {
        self.several.into()
    }
}

/// The object whose contents the event updates.
fn container(tables: &Tables, e: &Event) -> Option<u32> {
    if e.op != ops::UPDATE {
        return None;
    }
    let row = (e.target as usize).wrapping_sub(1);
    let row = tables.locations.get(row)?;
    (row.kind == ops::location::CONTENTS && row.object as usize <= tables.objects.len())
        .then_some(row.object)
}

pub struct Handover {
    /// By object: several threads change what is in it.
    passed_on: Rc<[bool]>,
    containers: FxHashMap<u32, Inside>,
    /// By site: what is done there, and whether the recorded value is the item.
    sites: FxHashMap<u32, (Change, bool)>,
}

fn key(value: Value) -> Option<(u8, u64)> {
    match value {
        Value::Absent | Value::Ref(_, 0) => None,
        Value::None => Some((0, 0)),
        Value::Bool(b) => Some((1, u64::from(b))),
        Value::Int(n) => Some((2, n as u64)),
        Value::Float(f) => Some((3, f.to_bits())),
        Value::Str(id) => Some((4, u64::from(id))),
        Value::Bytes(id) => Some((5, u64::from(id))),
        Value::Ref(_, object) => Some((6, u64::from(object))),
    }
}

impl Inside {
    fn put(&mut self, value: Value, single: bool, stamp: &Stamp) {
        if self.items.len() == MOST {
            for (_, (mut gathered, _)) in self.items.drain() {
                self.rest.absorb(&mut gathered);
            }
        }
        match key(value).filter(|_| single) {
            Some(key) => {
                let (gathered, count) = self.items.entry(key).or_default();
                gathered.add(stamp);
                *count += 1;
            }
            None => self.rest.add(stamp),
        }
    }

    /// Those who may have put in what is taken out.
    fn take(&mut self, value: Value) -> Gathered {
        let mut found = self.rest.clone();
        let Some(key) = key(value) else {
            return found;
        };
        if let Some((gathered, count)) = self.items.get_mut(&key) {
            *count -= 1;
            let last = *count == 0;
            found.absorb(&mut gathered.clone());
            if last {
                self.items.remove(&key);
            }
        }
        found
    }
}

impl Handover {
    pub fn new(passed_on: Rc<[bool]>) -> Self {
        Handover {
            passed_on,
            containers: FxHashMap::default(),
            sites: FxHashMap::default(),
        }
    }

    /// The container that the event puts something into or takes something out of, and which.
    fn change(&mut self, tables: &Tables, e: &Event) -> Option<(u32, Change, bool)> {
        let object = container(tables, e)?;
        if self.passed_on.get(object as usize) != Some(&true) {
            return None;
        }
        if changes::only_rearranges(tables, e) {
            return None;
        }
        let (mut change, single) = *self.sites.entry(e.site).or_insert_with(|| {
            let text = site(tables, e.site).map_or("", |s| text(tables, s));
            let change = Change::of(tables, e);
            let single = ["append(", "appendleft(", "add("];
            let single = single.iter().any(|name| text.contains(name));
            (change, single || change == Change::Other)
        });
        if change == Change::Other {
            // A method under another name: it gives what is inside, or brings what is not.
            let inside = self.containers.get(&object);
            let known = key(e.value)
                .is_some_and(|key| inside.is_some_and(|inside| inside.items.contains_key(&key)));
            change = if known { Change::Shrink } else { Change::Grow };
        }
        Some((object, change, single))
    }

    /// Take an update; those who may have put in what it takes out.
    pub fn step(
        &mut self,
        tables: &Tables,
        e: &Event,
        stamp: impl FnOnce() -> Stamp,
    ) -> Option<Gathered> {
        let (object, change, single) = self.change(tables, e)?;
        let inside = self.containers.entry(object).or_default();
        if change == Change::Grow {
            inside.put(e.value, single, &stamp());
            return None;
        }
        Some(inside.take(e.value)).filter(|found| !found.is_empty())
    }
}
