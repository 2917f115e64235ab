//! Replay's matching on small made-up runs: plain data, no program and no interpreter.

mod acting;
mod expected;
mod likeness;
mod patience;
mod progress;
mod script;
mod strategy;

use super::matching::Run;
use super::names::{Names, ObjectName, SiteName};
use super::script::Script;
use crate::control::page::{state, Slot, NEVER, NONE};
use crate::control::strategies::Progress;
use crate::model::{Event, Object, Process, Tables, Thread, Value};
use crate::record::buffer::Made;
use crate::record::locations::Place;
use crate::record::values;
use std::borrow::Cow;
use std::sync::atomic::Ordering;

/// A recorded run, event for event. Threads have the ids 1, 2 …; sequence numbers count from 1.
#[derive(Default)]
struct Recording {
    tables: Tables,
    events: Vec<Event>,
}

impl Recording {
    fn of_threads(count: u32) -> Recording {
        let mut recording = Recording::default();
        recording.tables.processes.push(Process::default());
        for thread in 1..=count {
            recording.tables.threads.push(Thread {
                path: path(thread),
                process: 1,
                ..Thread::default()
            });
        }
        recording
    }

    fn string(&mut self, text: &str) -> u32 {
        self.tables.strings.push(text.as_bytes().to_vec());
        self.tables.strings.len() as u32
    }

    /// An object that the thread made as its first of the kind, without a name.
    fn object(&mut self, kind: &str, thread: u32) -> u32 {
        let kind = self.string(kind);
        self.tables.objects.push(Object {
            kind,
            thread,
            index: 1,
            ..Object::default()
        });
        self.tables.objects.len() as u32
    }

    /// The thread makes an event, which can still be changed.
    fn event(&mut self, thread: u32, op: u8, target: u32) -> &mut Event {
        let seq = self.events.len() as u64 + 1;
        self.events.push(Event {
            seq,
            t: 0,
            thread,
            target,
            site: 0,
            stack: 0,
            op,
            outcome: 0,
            flags: 0,
            link: 0,
            value: Value::Absent,
        });
        self.events.last_mut().expect("it was pushed")
    }

    /// The thread asks for what an event of the op answers; its index.
    fn request(&mut self, thread: u32, target: u32, answer: &str) -> u64 {
        let answer = self.string(answer);
        self.event(thread, crate::ops::REQUEST, target).value = Value::Str(answer);
        self.events.len() as u64 - 1
    }

    fn script(self) -> Script {
        Script::of(self.tables, self.events, true)
    }

    fn run(self) -> Run {
        Run::new(self.script(), false)
    }

    /// One that goes on when the program does something else.
    fn followed(self) -> Run {
        Run::new(self.script(), true)
    }
}

fn path(thread: u32) -> String {
    match thread {
        1 => "main".to_string(),
        _ => format!("main.{}", thread - 1),
    }
}

/// What a made-up process knows. Rows have the numbers 1, 2 …
#[derive(Default)]
struct Program {
    strings: Vec<Vec<u8>>,
    objects: Vec<MadeObject>,
    locations: Vec<Place>,
    /// File, line, function.
    sites: Vec<(&'static str, u32, &'static str)>,
}

#[derive(Clone, Copy, Default)]
struct MadeObject {
    kind: &'static str,
    label: &'static str,
    thread: u32,
    path: Option<&'static str>,
    index: u32,
    shared: &'static str,
}

fn row<T>(rows: &[T], id: u32) -> Option<&T> {
    rows.get((id as usize).wrapping_sub(1))
}

impl Program {
    fn add_string(&mut self, text: &str) -> u32 {
        self.strings.push(text.as_bytes().to_vec());
        self.strings.len() as u32
    }

    fn add_object(&mut self, object: MadeObject) -> u32 {
        self.objects.push(object);
        self.objects.len() as u32
    }
}

impl Names for Program {
    fn string(&self, id: u32) -> &[u8] {
        row(&self.strings, id).map_or(b"", Vec::as_slice)
    }

    fn object(&self, id: u32) -> Option<ObjectName<'_>> {
        let object = row(&self.objects, id)?;
        Some(ObjectName {
            kind: object.kind.as_bytes(),
            label: object.label.as_bytes(),
            thread: object.thread,
            path: object.path.map(Cow::Borrowed),
            index: object.index,
            shared: object.shared.as_bytes(),
        })
    }

    fn location(&self, id: u32) -> Option<Place> {
        row(&self.locations, id).copied()
    }

    fn site(&self, id: u32) -> SiteName<'_> {
        let &(file, line, function) = row(&self.sites, id).expect("it is a site");
        SiteName {
            file: file.as_bytes(),
            line,
            function: function.as_bytes(),
        }
    }
}

/// An event without a value that the process makes.
fn made(op: u8, target: u32, seq: u64) -> Made {
    with_value(op, target, seq, (values::ABSENT, 0))
}

fn with_value(op: u8, target: u32, seq: u64, value: (u8, u64)) -> Made {
    let mut made = Made::new(op, target, 0, value, 0);
    made.seq = seq;
    made
}

/// Of a thread that can go on, and makes the event at the index next.
fn slot(next: u64) -> Slot {
    // SAFETY: it is made of numbers, of which 0 is one.
    let mut slot: Slot = unsafe { std::mem::zeroed() };
    (slot.next, slot.deadline) = (next, NEVER);
    slot.state.store(state::READY, Ordering::SeqCst);
    slot
}

fn slots(nexts: &[u64]) -> Vec<Slot> {
    nexts.iter().map(|&next| slot(next)).collect()
}

fn progress(position: u64) -> Progress {
    Progress {
        position,
        stop: 0,
        follow: false,
        found: 0,
        strays: 0,
        helped: 0,
        interrupted: 0,
    }
}

fn following() -> Progress {
    Progress {
        follow: true,
        ..progress(0)
    }
}
