//! The recorded run that is done again: its events, and the order in which each thread makes its
//! own. Nothing in it changes while the run goes on.

use crate::control::idents;
use crate::control::page::{Slot, NONE};
use crate::fileformat::pack::Unpacker;
use crate::fileformat::{FileError, TraceData};
use crate::model::{Event, Process, Tables, Value};
use crate::ops::{self, outcome};
use crate::record::uses;
use rustc_hash::FxHashMap;
use std::path::Path;

pub struct Script {
    tables: Tables,
    /// Whether it is of a run under control.
    controlled: bool,
    pub events: Vec<Event>,
    /// Of each event, the index of the next of its thread.
    following: Vec<u64>,
    /// Of each event that lies in a wait of its thread, the index of the one that ends the wait.
    endings: Vec<u64>,
    /// Of each thread, by id - 1, the index of its first event.
    first: Vec<u64>,
    threads: FxHashMap<String, u32>,
    /// Of each object, by id - 1, whether STEPs on it are of signals.
    signals: Vec<bool>,
}

impl Script {
    pub fn load(path: &Path) -> Result<Script, FileError> {
        let trace = TraceData::open(path)?;
        let mut events = Vec::with_capacity(trace.len() as usize);
        trace.for_range(0, trace.len(), |_, event| {
            events.push(*event);
            true
        })?;
        // The file is closed: its descriptor is the program's.
        Ok(Script::of(
            trace.tables,
            events,
            is_controlled(&trace.header)?,
        ))
    }

    /// A recorded run of these events, in their order.
    pub fn of(tables: Tables, events: Vec<Event>, controlled: bool) -> Script {
        let rows = &tables.threads;
        let mut first = vec![NONE; rows.len()];
        let mut following = vec![NONE; events.len()];
        for (index, event) in events.iter().enumerate().rev() {
            let next = &mut first[event.thread as usize - 1];
            following[index] = std::mem::replace(next, index as u64);
        }
        let endings = endings(&tables, &events);
        let ids = 1..=rows.len() as u32;
        let threads = rows.iter().map(|row| row.path.clone()).zip(ids).collect();
        let strings = &tables.strings;
        let is = |id: u32, text: &str| {
            let string = strings.get((id as usize).wrapping_sub(1));
            string.is_some_and(|string| string == text.as_bytes())
        };
        let objects = tables.objects.iter();
        let signals = objects
            .map(|row| is(row.kind, uses::KIND) && is(row.label, uses::SIGNAL))
            .collect();
        Script {
            tables,
            controlled,
            events,
            following,
            endings,
            first,
            threads,
            signals,
        }
    }

    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// How many events there are.
    pub fn count(&self) -> u64 {
        self.events.len() as u64
    }

    pub fn event(&self, index: u64) -> Option<&Event> {
        self.events.get(usize::try_from(index).ok()?)
    }

    /// The id of the thread with the path; 0 if there is none.
    pub fn thread(&self, path: &str) -> u32 {
        self.threads.get(path).copied().unwrap_or(0)
    }

    fn process(&self, thread: u32) -> Option<&Process> {
        let tables = self.tables();
        let row = tables.threads.get((thread as usize).wrapping_sub(1))?;
        tables.processes.get((row.process as usize).wrapping_sub(1))
    }

    /// How the process of the thread ended; None if that is not known.
    pub fn exit_status(&self, thread: u32) -> Option<i32> {
        let status = self.process(thread)?.exit_status;
        status.and_then(|status| status.try_into().ok())
    }

    /// The pid that the process of the thread had; 0 if that is not known, as of a run under control.
    pub fn pid(&self, thread: u32) -> u32 {
        match self.process(thread) {
            Some(process) if !self.are_numbered() => process.pid.try_into().unwrap_or(0),
            _ => 0,
        }
    }

    /// Whether the pids are but numbers, as in older traces of runs under control.
    fn are_numbered(&self) -> bool {
        let mut processes = (1..).zip(&self.tables().processes);
        processes.all(|(number, row)| row.pid == number)
    }

    /// Whether the times are the system's; those of a run under control are made up.
    pub fn has_real_times(&self) -> bool {
        !self.controlled
    }

    /// The ident and the native id that the thread had; 0 if they are not known.
    pub fn idents(&self, thread: u32) -> (u64, u32) {
        let row = self.tables().threads.get((thread as usize).wrapping_sub(1));
        row.map_or((0, 0), |row| (row.ident, row.native_id))
    }

    /// The last number from which native ids and pids were made up; 0: none was.
    pub fn made_up(&self) -> u32 {
        let threads = self.tables().threads.iter().map(|row| row.native_id);
        let pids = self.tables().processes.iter().map(|row| row.pid as u32);
        threads
            .chain(pids)
            .map(idents::made_from)
            .max()
            .unwrap_or(0)
    }

    /// The index of the thread's first event.
    pub fn first(&self, thread: u32) -> u64 {
        let place = (thread as usize).wrapping_sub(1);
        self.first.get(place).copied().unwrap_or(NONE)
    }

    /// The index of the next event of the thread that makes the one at `index`.
    pub fn after(&self, index: u64) -> u64 {
        self.following.get(index as usize).copied().unwrap_or(NONE)
    }

    /// The index of the event that ends the wait in which the thread is that makes the one at `index`
    /// next; `NONE` if it has not said that it waits.
    fn ending(&self, index: u64) -> u64 {
        self.endings.get(index as usize).copied().unwrap_or(NONE)
    }

    /// Whether the thread that makes the event at `index` next waits for what it has asked for.
    pub fn awaits(&self, index: u64) -> bool {
        self.ending(index) != NONE
    }

    /// The event that ends the wait of the thread of the slot: for a condition its lock is taken back
    /// before that. It is the next of one that has not said that it waits.
    pub fn end_of_wait(&self, slot: &Slot) -> Option<&Event> {
        match self.ending(slot.next) {
            NONE => self.event(slot.next),
            index => self.event(index),
        }
    }

    /// Whether the wait ends without what the thread waits for.
    pub fn times_out(&self, slot: &Slot) -> bool {
        self.end_of_wait(slot).is_some_and(|event| {
            let nothing = event.op == ops::POLL && event.value == Value::Bool(false);
            nothing || event.op == ops::WAKE || event.outcome == outcome::TIMED_OUT
        })
    }

    /// Whether a signal ends the wait.
    pub fn is_interrupted(&self, slot: &Slot) -> bool {
        self.end_of_wait(slot)
            .is_some_and(|event| event.outcome == outcome::INTERRUPTED)
    }

    /// The signal whose handler begins with the event; 0 if it is none.
    pub fn signal(&self, index: u64) -> i32 {
        match self.event(index) {
            Some(event) if event.op == ops::STEP => match event.value {
                Value::Int(number) if self.signals[event.target as usize - 1] => number as i32,
                _ => 0,
            },
            _ => 0,
        }
    }

    /// The bytes of a text value, of others nothing.
    pub fn text(&self, value: Value) -> &[u8] {
        match value {
            Value::Str(id) | Value::Bytes(id) => self.string(id),
            _ => b"",
        }
    }

    pub fn string(&self, id: u32) -> &[u8] {
        let strings = &self.tables.strings;
        strings
            .get((id as usize).wrapping_sub(1))
            .map_or(b"", Vec::as_slice)
    }

    /// The index of the event with the sequence number.
    pub fn position(&self, seq: u64) -> u64 {
        let guess = (seq as usize).wrapping_sub(1);
        if self.events.get(guess).is_some_and(|event| event.seq == seq) {
            return guess as u64;
        }
        self.events.partition_point(|event| event.seq < seq) as u64
    }
}

/// Whether the header is that of a run under control.
pub(super) fn is_controlled(header: &[u8]) -> Result<bool, FileError> {
    let mut unpacker = Unpacker::new(header);
    for _ in 0..unpacker.map()? {
        if unpacker.text()? == b"control" {
            return Ok(true);
        }
        unpacker.skip()?;
    }
    Ok(false)
}

/// A wait lies in so many others at most.
const NESTED: usize = 8;

/// Of each event that lies in a wait of its thread, or ends it, the index of the one that does: the
/// next on the object of a REQUEST that is what was asked for. A wait for a condition has one for the
/// condition's lock in it.
fn endings(tables: &Tables, events: &[Event]) -> Vec<u64> {
    // Of each thread, the requests that are not answered yet, and the op that answers them.
    let mut open: Vec<Vec<(usize, u8)>> = vec![Vec::new(); tables.threads.len()];
    // Of each event, the index of the last request that is open, + 1.
    let mut within = vec![0; events.len()];
    let mut answers = FxHashMap::default();
    for (index, event) in events.iter().enumerate() {
        let open = &mut open[event.thread as usize - 1];
        within[index] = open.last().map_or(0, |&(request, _)| request + 1);
        if event.op == ops::REQUEST {
            // What is never answered, since an exception came, is forgotten in time.
            if open.len() == NESTED {
                open.remove(0);
            }
            open.push((index, answering(tables, event)));
            continue;
        }
        let is_answered = |&(request, op): &(usize, u8)| {
            let asked = events[request].target;
            event.op == op && (asked == 0 || asked == event.target)
        };
        if let Some(place) = open.iter().rposition(is_answered) {
            for (request, _) in open.drain(place..) {
                answers.insert(request, index as u64);
            }
        }
    }
    let ending = |request: usize| match request {
        0 => NONE,
        _ => answers.get(&(request - 1)).copied().unwrap_or(NONE),
    };
    within.into_iter().map(ending).collect()
}

/// The op of the event that answers the request.
fn answering(tables: &Tables, request: &Event) -> u8 {
    let Value::Str(id) = request.value else {
        return 0;
    };
    let text = tables.strings.get((id as usize).wrapping_sub(1));
    let named = ops::ALL
        .iter()
        .find(|(name, _)| text.is_some_and(|text| text == name.as_bytes()));
    named.map_or(0, |&(_, op)| op)
}
