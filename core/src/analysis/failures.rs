//! Acts that failed in the run because another thread had taken away what they were for: a `pop` that
//! raised IndexError, a `del` that raised KeyError, an iteration that a change broke off.
//!
//! It is the act of a check-then-act if the thread had checked before: it saw that the thing was there,
//! or has made up for its absence since (`if not shelf: room.wait()`). If not, it counts only where nothing ordered the two threads, and where nobody catches what was
//! raised: a `pop` in a `try` is a check and an act in one.

use rustc_hash::FxHashMap;

use super::access::{add_thread, Access, Point, Raw};
use super::changes::Change;
use super::patterns;
use super::reads::Mark;
use super::rules::Rule;
use crate::model::{Tables, Value};

/// The last changes of a location by one thread.
#[derive(Default)]
struct Changed {
    removal: Option<Point>,
    /// A removal or an insertion.
    resize: Option<Point>,
}

#[derive(Default)]
pub struct Failures {
    changes: FxHashMap<u32, FxHashMap<u32, Changed>>,
    /// By location, the act's site and that of the change.
    found: FxHashMap<(u32, u32, u32), Raw>,
}

/// Whether the iteration of a container broke off because its size changed.
fn broke_off(tables: &Tables, value: &Value) -> bool {
    match value {
        Value::Str(id) => {
            let name = tables.strings.get((*id as usize).wrapping_sub(1));
            name.is_some_and(|name| name.as_slice() == b"RuntimeError")
        }
        _ => false,
    }
}

impl Failures {
    /// A change of `location`, of an item or of all the contents.
    pub fn changed(&mut self, location: u32, change: Change, a: &Access) {
        let by = self.changes.entry(location).or_default();
        let changed = by.entry(a.e.thread).or_default();
        let point = Point::new(a.e, &a.held);
        if change != Change::Grow {
            changed.removal = Some(point.clone());
        }
        changed.resize = Some(point);
    }

    /// `a` raised; `check` is what it rests on.
    pub fn failed(&mut self, tables: &Tables, location: u32, check: Option<&Mark>, a: &Access) {
        let Some(by) = self.changes.get(&location) else {
            return;
        };
        let resize = broke_off(tables, &a.e.value);
        let of = |changed: &Changed| match resize {
            true => changed.resize.clone(),
            false => changed.removal.clone(),
        };
        let Some(last) = by.values().filter_map(of).max_by_key(|p| p.seq) else {
            return;
        };
        if last.thread == a.e.thread {
            return;
        }
        let check = check.filter(|check| check.seq < last.seq);
        if check.is_none() && a.weak.has(last.thread, last.seq) {
            return;
        }
        let act = Point::new(a.e, &a.held);
        let key = (location, act.site, last.site);
        if self.found.len() >= patterns::LIMIT && !self.found.contains_key(&key) {
            return;
        }
        let raw = self.found.entry(key).or_insert_with(|| Raw {
            observed: true,
            location,
            points: check
                .map(Mark::point)
                .into_iter()
                .chain([last.clone(), act.clone()])
                .collect(),
            ..Raw::new(match check {
                Some(_) => Rule::Failed,
                None => Rule::ActFailed,
            })
        });
        raw.count += 1;
        add_thread(&mut raw.threads, act.thread);
        add_thread(&mut raw.threads, last.thread);
    }

    pub fn finish(self) -> Vec<Raw> {
        self.found.into_values().collect()
    }
}
