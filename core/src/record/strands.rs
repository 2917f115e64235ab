//! What takes turns inside a thread: tasks of asyncio, greenlets. Their events are the thread's; which
//! of them made which is said beside the events, once two of them have made any.

use super::buffer;
use super::defs::Entry;
use crate::gil::Gil;
use crate::spool::format::{Definition, Gap};
use pyo3::Python;
use rustc_hash::FxHashMap;

/// No more turns than so many are told of each thread.
const MOST_TURNS: u32 = 5_000;

struct Turn {
    /// Which of the thread's strands.
    strand: u32,
    name: String,
    /// The first and last event made in it.
    events: (u64, u64),
}

#[derive(Default)]
struct Thread {
    /// The turn of the only strand so far that has made events.
    alone: Option<Turn>,
    told: u32,
}

static THREADS: Gil<Option<FxHashMap<u32, Thread>>> = Gil::new(None);

/// A new session, or a forked child.
pub fn reset(py: Python<'_>) {
    THREADS.take(py);
}

/// The calling thread has made these events in a turn of a strand, which has a number and a name.
/// `kind` is that of the gap.
pub fn took_turn(py: Python<'_>, kind: Gap, strand: u32, name: &str, events: (u64, u64)) {
    let number = buffer::thread();
    let mut threads = THREADS.get_or_insert_with(py, FxHashMap::default);
    let thread = threads.entry(number).or_default();
    if thread.told == 0 {
        match &mut thread.alone {
            Some(alone) if alone.strand == strand => {
                alone.events.1 = events.1;
                return;
            }
            Some(alone) => {
                tell(py, kind, number, alone.strand, &alone.name, alone.events);
                thread.told += 1;
            }
            None => {
                thread.alone = Some(Turn {
                    strand,
                    name: name.to_owned(),
                    events,
                });
                return;
            }
        }
    }
    if thread.told < MOST_TURNS {
        thread.told += 1;
        tell(py, kind, number, strand, name, events);
    }
}

fn tell(
    py: Python<'_>,
    kind: Gap,
    thread: u32,
    strand: u32,
    name: &str,
    (first, last): (u64, u64),
) {
    Entry::new(Definition::Gap, 3)
        .str(kind.name())
        .str(&format!("{strand}:{first}-{last}:{name}"))
        .uint(u64::from(thread))
        .write(py);
}
