//! What the rows of two traces stand for: rows that stand for the same have the same number.

use std::hash::Hash;

use crate::index::Index;
use crate::model::{Tables, Value};

/// By row, of one trace.
pub struct Meanings {
    pub threads: Vec<u32>,
    pub objects: Vec<u32>,
    pub locations: Vec<u32>,
    pub sites: Vec<u32>,
}

/// 0 for no row, and for one that there is not.
pub fn meaning(table: &[u32], id: u32) -> u32 {
    let row = (id as usize).checked_sub(1);
    row.and_then(|row| table.get(row)).copied().unwrap_or(0)
}

/// What makes two objects the same: kind, label, thread, index.
type ObjectKey = (u32, u32, u32, u32);

/// What makes two locations the same: kind, object, module, name, key.
type LocationKey = (u8, u32, u32, u32, (u8, u64, u32));

/// Numbers what is the same in several rows of both traces. The rows are kept there.
#[derive(Default)]
struct Numbers {
    index: Index,
    /// Of each number the first such row: in which trace, and its id.
    firsts: Vec<(usize, u32)>,
}

impl Numbers {
    /// The number of a row of which `key` tells what it is.
    fn number<K: Hash + Eq>(&mut self, side: usize, id: u32, key: impl Fn(usize, u32) -> K) -> u32 {
        let next = self.firsts.len() as u32 + 1;
        let (wanted, firsts) = (key(side, id), &self.firsts);
        let number = self.index.number(&wanted, next, |number| {
            let (side, id) = firsts[number as usize - 1];
            key(side, id) == wanted
        });
        if number == next {
            self.firsts.push((side, id));
        }
        number
    }

    /// The numbers of all rows of both, so many each.
    fn of_all<K: Hash + Eq>(counts: [usize; 2], key: impl Fn(usize, u32) -> K) -> [Vec<u32>; 2] {
        let mut numbers = Numbers::default();
        let mut of = |side: usize| -> Vec<u32> {
            let ids = 1..=counts[side] as u32;
            ids.map(|id| numbers.number(side, id, &key)).collect()
        };
        [of(0), of(1)]
    }
}

/// What the rows of both traces stand for. `threads` and `sites` are known; `scripts` are the modules of
/// the scripts' own globals, which are the same whatever the scripts are called.
pub fn of(
    tables: [&Tables; 2],
    threads: [Vec<u32>; 2],
    sites: [Vec<u32>; 2],
    scripts: &[String; 2],
) -> [Meanings; 2] {
    let strings = Numbers::of_all(tables.map(|t| t.strings.len()), |side, id| {
        &tables[side].strings[id as usize - 1]
    });
    let objects = Numbers::of_all(tables.map(|t| t.objects.len()), |side, id| {
        object(tables[side], &strings[side], &threads[side], id)
    });
    let locations = Numbers::of_all(tables.map(|t| t.locations.len()), |side, id| {
        let script = scripts[side].as_bytes();
        location(tables[side], &strings[side], &objects[side], script, id)
    });
    let [first_threads, second_threads] = threads;
    let [first_sites, second_sites] = sites;
    let [first_objects, second_objects] = objects;
    let [first_locations, second_locations] = locations;
    [
        Meanings {
            threads: first_threads,
            objects: first_objects,
            locations: first_locations,
            sites: first_sites,
        },
        Meanings {
            threads: second_threads,
            objects: second_objects,
            locations: second_locations,
            sites: second_sites,
        },
    ]
}

fn object(tables: &Tables, strings: &[u32], threads: &[u32], id: u32) -> ObjectKey {
    let row = &tables.objects[id as usize - 1];
    let kind = meaning(strings, row.kind);
    let thread = meaning(threads, row.thread);
    match row.label {
        0 => (kind, 0, thread, row.index),
        // The interpreter counts the threads that it has made before, in whatever order.
        label if row.thread != 0 && is_counted(text(tables, label)) => (kind, 0, thread, 0),
        label => (kind, meaning(strings, label), 0, 0),
    }
}

fn location(
    tables: &Tables,
    strings: &[u32],
    objects: &[u32],
    script: &[u8],
    id: u32,
) -> LocationKey {
    let row = &tables.locations[id as usize - 1];
    let module = text(tables, row.module);
    let module = match module == b"__main__" || module == script {
        true => 0,
        false => meaning(strings, row.module),
    };
    let key = match row.key {
        Value::Absent => (0, 0, 0),
        Value::None => (1, 0, 0),
        Value::Bool(key) => (2, u64::from(key), 0),
        Value::Int(key) => (3, key as u64, 0),
        Value::Float(key) => (4, key.to_bits(), 0),
        Value::Str(key) => (5, 0, meaning(strings, key)),
        Value::Bytes(key) => (6, 0, meaning(strings, key)),
        Value::Ref(kind, key) => (7, u64::from(meaning(objects, key)), meaning(strings, kind)),
    };
    let name = meaning(strings, row.name);
    (row.kind, meaning(objects, row.object), module, name, key)
}

fn text(tables: &Tables, id: u32) -> &[u8] {
    let row = (id as usize).checked_sub(1);
    row.and_then(|row| tables.strings.get(row))
        .map_or(&[], Vec::as_slice)
}

/// Whether the interpreter gave the thread its name, or it is one of a manager's server that serves it:
/// `Thread-7`, `Thread-7 (work)`, `…|Thread-7`.
fn is_counted(name: &[u8]) -> bool {
    let bars = name.iter().enumerate().filter(|(_, byte)| **byte == b'|');
    let mut starts = bars.map(|(place, _)| place + 1).chain([0]);
    starts.any(|start| {
        let Some(number) = name[start..].strip_prefix(b"Thread-") else {
            return false;
        };
        let digits = number
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let rest = &number[digits..];
        digits > 0 && (rest.is_empty() || rest.starts_with(b" (") && rest.ends_with(b")"))
    })
}

#[cfg(test)]
mod tests {
    use super::is_counted;

    #[test]
    fn names_that_the_interpreter_gave() {
        for name in [
            "Thread-1",
            "Thread-12 (work)",
            "m|Thread-3",
            "a|b|Thread-3 (x|y)",
        ] {
            assert!(is_counted(name.as_bytes()), "{name}");
        }
        for name in [
            "Thread-",
            "Thread-1x",
            "My Thread-1",
            "Thread-1 (work",
            "",
            "|",
        ] {
            assert!(!is_counted(name.as_bytes()), "{name}");
        }
    }
}
