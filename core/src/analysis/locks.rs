//! Which locks each thread holds, and since when: a critical section is named by its acquire.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::exclusion::Exclusion;
use crate::model::{Event, Tables};
use crate::ops;

/// A lock that is held, and the sequence number of the acquire that began the critical section.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Section {
    pub lock: u32,
    pub since: u64,
}

pub type Sections = Rc<[Section]>;

/// The locks of `a` whose critical section is the same one in `b`: held from `a` to `b`.
pub fn unbroken(a: &[Section], b: &[Section], out: &mut Vec<u32>) {
    out.clear();
    out.extend(a.iter().filter(|s| b.contains(s)).map(|s| s.lock));
}

pub fn share_lock(a: &[u32], b: &[Section]) -> bool {
    b.iter().any(|s| a.contains(&s.lock))
}

pub struct Locks {
    /// A semaphore lets several threads in; it guards nothing.
    semaphore: Vec<bool>,
    threads: Vec<(Sections, Vec<u32>)>,
    owners: FxHashMap<u32, u32>,
    /// The locks that a thread has released for another.
    signals: FxHashSet<u32>,
    /// What else keeps threads apart, where that counts.
    exclusion: Rc<Exclusion>,
}

impl Locks {
    /// Locks only.
    pub fn new(tables: &Tables) -> Self {
        Locks::with(tables, Rc::default())
    }

    pub fn with(tables: &Tables, exclusion: Rc<Exclusion>) -> Self {
        let name = |id: u32| tables.strings.get((id as usize).wrapping_sub(1));
        let semaphore = tables
            .objects
            .iter()
            .map(|o| name(o.kind).is_some_and(|s| s.ends_with(b"Semaphore")))
            .collect();
        Locks {
            semaphore,
            threads: Vec::new(),
            owners: FxHashMap::default(),
            signals: FxHashSet::default(),
            exclusion,
        }
    }

    fn state(&mut self, thread: u32) -> &mut (Sections, Vec<u32>) {
        let i = thread as usize;
        if self.threads.len() <= i {
            let empty: Sections = Rc::new([]);
            self.threads
                .resize_with(i + 1, || (empty.clone(), Vec::new()));
        }
        &mut self.threads[i]
    }

    pub fn held(&mut self, thread: u32) -> Sections {
        self.state(thread).0.clone()
    }

    /// With the locks that another thread took and this one is to release, if it knows that they
    /// were taken (`knows(thread, seq)`): the critical section goes on in it.
    pub fn held_or_passed(
        &mut self,
        thread: u32,
        mut knows: impl FnMut(u32, u64) -> bool,
    ) -> Sections {
        let mut held = self.held(thread);
        if self.exclusion.passes_locks() {
            let exclusion = self.exclusion.clone();
            for lock in exclusion.passed_to(thread) {
                let owner = self.owner(lock);
                let section = self.state(owner).0.iter().find(|s| s.lock == lock).copied();
                if let Some(section) = section.filter(|s| knows(owner, s.since)) {
                    held = held.iter().copied().chain([section]).collect();
                }
            }
        }
        held
    }

    /// The same, of a thread that may never have held any.
    pub fn sections(&self, thread: u32) -> Sections {
        let state = self.threads.get(thread as usize);
        state.map_or_else(|| Rc::new([]) as Sections, |(sections, _)| sections.clone())
    }

    /// The thread that holds `lock`; 0 if none does.
    pub fn owner(&self, lock: u32) -> u32 {
        self.owners.get(&lock).copied().unwrap_or(0)
    }

    /// Whether threads wait for the lock until another one releases it, which need not hold it.
    pub fn is_signal(&self, lock: u32) -> bool {
        self.signals.contains(&lock)
    }

    pub fn step(&mut self, e: &Event) {
        let acquired = match self.exclusion.turn(e) {
            Some(taken) => taken,
            None => {
                let acquired = e.op == ops::ACQUIRE && e.outcome == ops::outcome::OK;
                if !acquired && e.op != ops::RELEASE {
                    return;
                }
                let semaphore = self.semaphore.get((e.target as usize).wrapping_sub(1));
                if semaphore.copied().unwrap_or(true) {
                    return;
                }
                acquired
            }
        };
        if acquired {
            self.owners.insert(e.target, e.thread);
            let (sections, depths) = self.state(e.thread);
            if let Some(i) = sections.iter().position(|s| s.lock == e.target) {
                depths[i] += 1;
            } else {
                let new = Section {
                    lock: e.target,
                    since: e.seq,
                };
                *sections = sections.iter().copied().chain([new]).collect();
                depths.push(1);
            }
        } else {
            // A plain Lock may be released by another thread than its holder.
            let holder = match self.owner(e.target) {
                0 => e.thread,
                owner => owner,
            };
            if holder != e.thread {
                self.signals.insert(e.target);
            }
            let (sections, depths) = self.state(holder);
            if let Some(i) = sections.iter().position(|s| s.lock == e.target) {
                depths[i] -= 1;
                if depths[i] == 0 {
                    depths.remove(i);
                    *sections = sections
                        .iter()
                        .copied()
                        .filter(|s| s.lock != e.target)
                        .collect();
                    self.owners.remove(&e.target);
                }
            }
        }
    }
}
