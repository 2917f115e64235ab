//! One access as the engines see it, and what they report.

use super::clock::{reached, Clock};
use super::locks::{Section, Sections};
use super::rules::{Rule, Status};
use super::tasks::Tasks;
use crate::model::{Event, Value};
use crate::ops::outcome;

/// What a thread knew to have happened at some moment.
#[derive(Clone, Debug)]
pub struct Known {
    pub thread: u32,
    pub clock: Clock,
    /// The object was made by this thread and handed over unseen; what it did to the object until
    /// this event cannot race.
    pub handed: (u32, u64),
}

impl Known {
    pub fn has(&self, thread: u32, seq: u64) -> bool {
        thread == self.thread
            || reached(&self.clock, thread) >= seq
            || (self.handed.0 == thread && self.handed.1 >= seq)
    }
}

pub struct Access<'a> {
    pub e: &'a Event,
    /// By all synchronization.
    pub known: Known,
    /// Without the order in which locks happened to be taken.
    pub weak: Known,
    pub held: Sections,
}

impl Access<'_> {
    /// What a look saw; a look-up that raised has seen that nothing is there.
    pub fn saw(&self) -> Value {
        match self.e.outcome {
            outcome::RAISED => Value::Bool(false),
            _ => self.e.value,
        }
    }
}

/// An event of a finding, with the locks held at it.
#[derive(Clone, Debug)]
pub struct Point {
    pub seq: u64,
    pub thread: u32,
    pub site: u32,
    pub locks: Vec<u32>,
}

impl Point {
    pub fn new(e: &Event, held: &[Section]) -> Self {
        Point {
            seq: e.seq,
            thread: e.thread,
            site: e.site,
            locks: held.iter().map(|s| s.lock).collect(),
        }
    }

    /// The same event, with the locks that are held later.
    pub fn holding(&self, held: &[Section]) -> Self {
        Point {
            locks: held.iter().map(|s| s.lock).collect(),
            ..self.clone()
        }
    }
}

/// What an engine found, before it is put into words. The meaning of `points` is the engine's.
#[derive(Clone, Debug)]
pub struct Raw {
    pub rule: Rule,
    pub observed: bool,
    pub location: u32,
    pub object: u32,
    /// In the order of the log.
    pub points: Vec<Point>,
    /// For a predicted finding: the order that shows it.
    pub witness: Vec<u64>,
    pub threads: Vec<u32>,
    pub count: u64,
    pub total: Option<u64>,
    /// The locations that show the same at the same sites; none for what is about no location.
    pub places: Vec<u32>,
    /// Events that came out as they did by luck, and that what followed did not need.
    pub not_needed: Vec<u64>,
}

impl Raw {
    /// One by this rule, of which nothing else is known.
    pub fn new(rule: Rule) -> Raw {
        Raw {
            rule,
            observed: false,
            location: 0,
            object: 0,
            points: Vec::new(),
            witness: Vec::new(),
            threads: Vec::new(),
            count: 0,
            total: None,
            places: Vec::new(),
            not_needed: Vec::new(),
        }
    }

    pub fn status(&self) -> Status {
        match self.observed {
            true => Status::Observed,
            false => Status::Predicted,
        }
    }

    /// In place of the strands of tasks, their workers.
    pub fn of_threads(&mut self, tasks: &Tasks) {
        for thread in self.points.iter_mut().map(|p| &mut p.thread) {
            *thread = tasks.worker_of(*thread);
        }
        let threads = std::mem::take(&mut self.threads);
        for thread in threads {
            add_thread(&mut self.threads, tasks.worker_of(thread));
        }
    }

    pub fn has(&self, site: u32) -> bool {
        self.points.iter().any(|point| point.site == site)
    }

    /// The sites in the order of the events, each once.
    pub fn sites(&self) -> Vec<u32> {
        let mut sites = Vec::new();
        for point in &self.points {
            if point.site != 0 && !sites.contains(&point.site) {
                sites.push(point.site);
            }
        }
        sites
    }
}

/// Whether a value is kept whole and can never change.
pub fn plain(value: &Value) -> bool {
    !matches!(value, Value::Absent | Value::Ref(..))
}

pub fn add_thread(threads: &mut Vec<u32>, thread: u32) {
    if let Err(i) = threads.binary_search(&thread) {
        threads.insert(i, thread);
    }
}
