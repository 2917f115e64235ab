//! What each thread is about and waits for: what `unfinished` gathers, and `deadlocks` and `hangs` judge.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::access::Point;
use crate::model::Value;

/// A wait that has not ended.
pub(super) struct Request {
    pub object: u32,
    pub point: Point,
    pub bounded: bool,
    pub t: u64,
    /// What it waits in, a string.
    pub word: Value,
}

#[derive(Default)]
pub(super) struct Thread {
    pub began: u64,
    pub ended: bool,
    /// Whether it ended with an exception that nobody caught.
    pub failed: bool,
    /// Whether another thread knows that it has ended: it may have been killed.
    pub gone: bool,
    pub requests: Vec<Request>,
    /// The tasks that it has begun and not finished.
    pub tasks: Vec<u32>,
    /// Whether it is there to do tasks, and does one after the other.
    pub worker: bool,
    pub sleeps: bool,
}

pub struct Pending {
    pub(super) threads: FxHashMap<u32, Thread>,
    /// The circles that were broken, by their threads.
    pub(super) circles: BTreeMap<Vec<u32>, Circle>,
    /// The threads that have begun, by the objects that stand for them.
    pub(super) begun: FxHashMap<u32, u32>,
    /// The objects that stand for workers which have been started.
    pub(super) workers: FxHashSet<u32>,
    /// When something was last done to each object, ns.
    pub(super) touched: Vec<u64>,
    pub(super) ending: Ending,
    pub(super) judged: bool,
    pub(super) hang: Option<Hang>,
}

impl Thread {
    /// Whether it does nothing more. What the first thread of a process does after its end, at exit
    /// and for the other threads, is recorded as well, and may be a wait.
    pub fn is_over(&self) -> bool {
        self.gone || self.ended && self.requests.is_empty()
    }
}

/// A wait that cannot end, in a circle of them; these stand in the order in which they began.
pub(super) struct Wait {
    pub thread: u32,
    pub(super) object: u32,
    pub(super) point: Point,
}

pub(super) type Circle = Vec<Wait>;

/// How the run ended, as its header tells.
#[derive(Clone, Default)]
pub struct Ending {
    /// Whether it was ended because no thread could go on.
    pub stuck: bool,
    /// The first event that may have come after the run was told to end; 0 if it was not.
    pub stop: u64,
    /// When it was over, ns; 0 if that is not known.
    pub over: u64,
    /// Processes that had ended by then, though no event tells of it.
    pub lost: Vec<u32>,
}

pub struct Hang {
    /// What the first of the threads waits for, or who it waits for.
    pub object: u32,
    pub threads: Vec<u32>,
    pub points: Vec<Point>,
    /// The threads that the run had to wait for. Of each, whether any other thread could have ended
    /// its wait.
    pub(super) roots: Vec<(u32, bool)>,
}
