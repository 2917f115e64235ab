//! What keeps threads apart as a lock does, and is none: a semaphore of one permit, a queue whose
//! one item goes from hand to hand, a full queue of one place.
//!
//! Which thread comes first there is as much chance as at a lock, so it is no order that another
//! run must keep. Nor are all of a kind the same: a semaphore of two lets two threads in. So each is
//! watched over the whole log, and is taken for a lock only if it was used as one all along.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::model::{Event, Tables};
use crate::ops::{self, outcome};

/// How an object keeps threads apart.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Exclusive {
    #[default]
    No,
    /// A semaphore of one permit.
    Semaphore,
    /// A queue whose one item has to be taken first, and is put back.
    Token,
    /// A queue with one place that has to be filled first, and is emptied again.
    Place,
}

#[derive(Default)]
struct Use {
    /// Who took the permit, the item or the place and has not given it back.
    holder: u32,
    /// Who gave it back.
    threads: FxHashSet<u32>,
    /// How often it was taken without anybody having given it back: so many permits there are.
    initial: u64,
    taken: u64,
    spoilt: bool,
}

impl Use {
    fn take(&mut self, thread: u32) {
        self.spoilt |= self.holder != 0;
        self.holder = thread;
        self.taken += 1;
    }

    fn give(&mut self, thread: u32) {
        self.spoilt |= self.holder != thread;
        self.holder = 0;
        if self.threads.len() < 2 {
            self.threads.insert(thread);
        }
    }

    fn fits(&self) -> bool {
        !self.spoilt && self.initial == 1 && self.threads.len() > 1
    }
}

/// The two ways in which a queue may be used.
#[derive(Default)]
struct QueueUse {
    token: Use,
    place: Use,
}

pub struct Watch {
    semaphore: Vec<bool>,
    semaphores: FxHashMap<u32, Use>,
    queues: FxHashMap<u32, QueueUse>,
    owners: FxHashMap<u32, u32>,
    passed: FxHashSet<(u32, u32)>,
}

/// What was found out about the objects of a log.
#[derive(Default)]
pub struct Exclusion {
    kinds: Vec<Exclusive>,
    /// Locks and the threads that released them for another that had taken them.
    passed: FxHashSet<(u32, u32)>,
}

impl Exclusion {
    pub fn of(&self, object: u32) -> Exclusive {
        self.kinds.get(object as usize).copied().unwrap_or_default()
    }

    /// Whether the event takes (`Some(true)`) or gives back (`Some(false)`) something of the kind
    /// that is not a lock.
    pub fn turn(&self, e: &Event) -> Option<bool> {
        if e.outcome != outcome::OK {
            return None;
        }
        match (self.of(e.target), e.op) {
            (Exclusive::Semaphore, ops::ACQUIRE)
            | (Exclusive::Token, ops::GET)
            | (Exclusive::Place, ops::PUT) => Some(true),
            (Exclusive::Semaphore, ops::RELEASE)
            | (Exclusive::Token, ops::PUT)
            | (Exclusive::Place, ops::GET) => Some(false),
            _ => None,
        }
    }

    /// The locks that `thread` releases for others.
    pub fn passed_to(&self, thread: u32) -> impl Iterator<Item = u32> + '_ {
        let of_thread = self.passed.iter().filter(move |(_, t)| *t == thread);
        of_thread.map(|(lock, _)| *lock)
    }

    pub fn passes_locks(&self) -> bool {
        !self.passed.is_empty()
    }
}

impl Watch {
    pub fn new(tables: &Tables) -> Self {
        let name = |id: u32| tables.strings.get((id as usize).wrapping_sub(1));
        let of_kind = |o: &crate::model::Object| {
            name(o.kind).is_some_and(|kind| kind.ends_with(b"Semaphore"))
        };
        Watch {
            semaphore: tables.objects.iter().map(of_kind).collect(),
            semaphores: FxHashMap::default(),
            queues: FxHashMap::default(),
            owners: FxHashMap::default(),
            passed: FxHashSet::default(),
        }
    }

    pub fn step(&mut self, e: &Event) {
        if e.outcome != outcome::OK {
            return;
        }
        let semaphore = self.semaphore.get((e.target as usize).wrapping_sub(1));
        let semaphore = semaphore.copied().unwrap_or(false);
        match e.op {
            ops::ACQUIRE if semaphore => {
                let used = self.semaphores.entry(e.target).or_default();
                used.initial += u64::from(e.link == 0);
                used.take(e.thread);
            }
            ops::RELEASE if semaphore => {
                self.semaphores.entry(e.target).or_default().give(e.thread);
            }
            ops::ACQUIRE => {
                self.owners.insert(e.target, e.thread);
            }
            ops::RELEASE => {
                let owner = self.owners.get(&e.target).copied();
                if owner.is_some_and(|owner| owner != e.thread) {
                    self.passed.insert((e.target, e.thread));
                }
            }
            ops::PUT => {
                let QueueUse { token, place } = self.queues.entry(e.target).or_default();
                place.initial = 1;
                place.take(e.thread);
                // Only the first is put in by who has not taken it.
                match token.holder {
                    0 => token.initial += 1,
                    _ => token.give(e.thread),
                }
            }
            ops::GET => {
                let QueueUse { token, place } = self.queues.entry(e.target).or_default();
                token.take(e.thread);
                place.give(e.thread);
            }
            _ => {}
        }
    }

    pub fn finish(self) -> Exclusion {
        let mut kinds = vec![Exclusive::No; self.semaphore.len() + 1];
        for (object, used) in self.semaphores {
            if used.fits() && used.taken > 1 {
                kinds[object as usize] = Exclusive::Semaphore;
            }
        }
        for (object, QueueUse { token, place }) in self.queues {
            if let Some(kind) = kinds.get_mut(object as usize) {
                *kind = match (token.fits(), place.fits()) {
                    (true, _) => Exclusive::Token,
                    (_, true) => Exclusive::Place,
                    _ => Exclusive::No,
                };
            }
        }
        Exclusion {
            kinds,
            passed: self.passed,
        }
    }
}
