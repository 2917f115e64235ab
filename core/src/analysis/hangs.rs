//! Threads of which each waits, without a timeout, for what only others of them could do: where the
//! log ends, or where the run was told to end from outside.

use rustc_hash::FxHashSet;

use super::deadlocks::is_signal;
use super::locks::Locks;
use super::waits::{Hang, Pending, Request, Thread};
use crate::model::{is_word, Object, Tables};

/// A wake-up may be on its way, on a machine that is busy: only who has waited so long (ns), with
/// nothing done to what it waits for, is taken to wait for ever.
const QUIET: u64 = 200_000_000;

/// Who could end a wait.
enum Helpers {
    /// All of these must do something.
    All(Vec<u32>),
    /// Any thread; any of this process, if it is not 0.
    Anyone(u32),
    /// The wait is over, or about to be.
    Done,
}

impl Pending {
    /// Look for threads that cannot go on; `now` is the time.
    pub(super) fn judge(&mut self, tables: &Tables, locks: &Locks, now: u64) {
        self.judged = true;
        let live = self.live(tables);
        let mut stuck: Vec<u32> = live
            .iter()
            .copied()
            .filter(|thread| self.waits(*thread, now))
            .collect();
        stuck.sort_unstable();
        if !self.ending.stuck {
            self.keep_stuck(tables, locks, &live, &mut stuck);
        }
        for thread in &stuck {
            if let Some(circle) = self.circle(*thread, locks) {
                self.note(circle);
            }
        }
        let mut circles = self.circles.values();
        if circles.any(|c| !is_signal(c, locks) && c.iter().all(|w| stuck.contains(&w.thread))) {
            return; // the others wait for what is in a circle
        }
        self.hang = self.hang_of(tables, locks, &stuck);
    }

    /// The threads that may still do something: they have begun, and neither they nor their process
    /// have ended. Those that act for others only, and wait for a task, do nothing by themselves.
    fn live(&self, tables: &Tables) -> FxHashSet<u32> {
        let runs = |id: &u32, state: &Thread| {
            let row = &tables.threads[*id as usize - 1];
            (state.began != 0 || !state.requests.is_empty())
                && !state.is_over()
                && !self.ending.lost.contains(&row.process)
        };
        let begun = || self.threads.iter().filter(|(id, state)| runs(id, state));
        // Daemon threads end with the others.
        let processes: FxHashSet<u32> = begun()
            .filter(|(id, _)| keeps_process(tables, **id) || is_first(tables, **id))
            .map(|(id, _)| tables.threads[*id as usize - 1].process)
            .collect();
        begun()
            .filter(|(id, state)| {
                let row = &tables.threads[**id as usize - 1];
                let idle = state.worker && state.tasks.is_empty() && !state.sleeps;
                let idle = row.internal || idle && state.requests.is_empty();
                processes.contains(&row.process) && !idle
            })
            .map(|(id, _)| *id)
            .collect()
    }

    /// Whether the thread is in a wait without an end of its own.
    fn waits(&self, thread: u32, now: u64) -> bool {
        let request = self.threads[&thread].requests.last();
        request.is_some_and(|request| {
            let last = request.t.max(self.touched[request.object as usize]);
            self.ending.stuck || !request.bounded && now.saturating_sub(last) >= QUIET
        })
    }

    /// Leave of these threads those whose waits nobody can end but they themselves.
    fn keep_stuck(
        &self,
        tables: &Tables,
        locks: &Locks,
        live: &FxHashSet<u32>,
        stuck: &mut Vec<u32>,
    ) {
        loop {
            let free: Vec<u32> = live
                .iter()
                .copied()
                .filter(|t| !stuck.contains(t))
                .collect();
            let before = stuck.len();
            let kept: Vec<u32> = stuck
                .iter()
                .copied()
                .filter(|thread| match self.helpers(tables, locks, *thread) {
                    Helpers::Done => false,
                    Helpers::All(helpers) => helpers.iter().any(|helper| !free.contains(helper)),
                    Helpers::Anyone(process) => !free.iter().any(|t| {
                        process == 0 || tables.threads[*t as usize - 1].process == process
                    }),
                })
                .collect();
            *stuck = kept;
            if stuck.len() == before {
                return;
            }
        }
    }

    fn helpers(&self, tables: &Tables, locks: &Locks, thread: u32) -> Helpers {
        let Some(request) = self.threads[&thread].requests.last() else {
            return Helpers::Done;
        };
        let object = (request.object as usize)
            .checked_sub(1)
            .map(|i| &tables.objects[i]);
        if is_word(tables, request.word, b"join") {
            return self.joined_by(tables, request);
        }
        if is_word(tables, request.word, b"result") {
            return self.result_by(request);
        }
        let owner = locks.owner(request.object);
        let alive = self.threads.get(&owner).is_some_and(|s| !s.is_over());
        if owner != 0 && owner != thread && alive && !locks.is_signal(request.object) {
            return Helpers::All(vec![owner]);
        }
        let process = tables.threads[thread as usize - 1].process;
        Helpers::Anyone(match object {
            Some(object) if is_copy(object) => process,
            _ => 0,
        })
    }

    /// Who could end a wait for a thread's or a process's end.
    fn joined_by(&self, tables: &Tables, request: &Request) -> Helpers {
        let Some(joined) = self.begun.get(&request.object).copied() else {
            return Helpers::Anyone(0);
        };
        let row = &tables.threads[joined as usize - 1];
        let state = &self.threads[&joined];
        if state.gone || self.ending.lost.contains(&row.process) {
            return Helpers::Done;
        }
        if !state.is_over() {
            return match row.internal {
                true => Helpers::Anyone(0),
                false => Helpers::All(vec![joined]),
            };
        }
        // A process ends with its last thread.
        let others = self.threads.iter().filter(|(id, state)| {
            let other = &tables.threads[**id as usize - 1];
            other.process == row.process && keeps_process(tables, **id) && !state.is_over()
        });
        let others: Vec<u32> = others.map(|(id, _)| *id).collect();
        match is_first(tables, joined) && !others.is_empty() {
            true => Helpers::All(others),
            false => Helpers::Done,
        }
    }

    /// Who could end a wait for what comes out of a task: all that are at it. One that has ended
    /// never finishes it.
    fn result_by(&self, request: &Request) -> Helpers {
        let at_it = self.threads.iter();
        let at_it: Vec<u32> = at_it
            .filter(|(_, state)| state.tasks.contains(&request.object))
            .map(|(id, _)| *id)
            .collect();
        match at_it.is_empty() {
            true => Helpers::Anyone(0),
            false => Helpers::All(at_it),
        }
    }

    fn hang_of(&self, tables: &Tables, locks: &Locks, stuck: &[u32]) -> Option<Hang> {
        let roots: Vec<(u32, bool)> = stuck
            .iter()
            .copied()
            .filter(|thread| self.ending.stuck || keeps_process(tables, *thread))
            .map(|thread| {
                let anyone = matches!(self.helpers(tables, locks, thread), Helpers::Anyone(_));
                (thread, anyone)
            })
            .collect();
        let (first, _) = roots.first()?;
        let object = self.leaf(tables, locks, *first);
        let request = |thread: &u32| {
            let request = self.threads[thread].requests.last()?;
            Some(request.point.holding(&locks.sections(*thread)))
        };
        Some(Hang {
            object,
            threads: stuck.to_vec(),
            points: stuck.iter().filter_map(request).collect(),
            roots,
        })
    }

    /// What the thread waits for, directly or by waiting for others.
    fn leaf(&self, tables: &Tables, locks: &Locks, thread: u32) -> u32 {
        let mut seen = vec![thread];
        loop {
            let last = *seen.last().unwrap_or(&thread);
            let next = match self.helpers(tables, locks, last) {
                Helpers::All(helpers) => helpers.into_iter().find(|h| self.still_waits(*h)),
                _ => None,
            };
            match next {
                Some(next) if !seen.contains(&next) => seen.push(next),
                _ => {
                    let request = self.threads[&last].requests.last();
                    return request.map_or(0, |request| request.object);
                }
            }
        }
    }

    fn still_waits(&self, thread: u32) -> bool {
        let state = &self.threads[&thread];
        !state.is_over() && !state.requests.is_empty()
    }

    /// Whether the program was only waiting to be told to end: its main threads were in waits of
    /// their own, and ended well when they were told.
    pub(super) fn was_meant(&self, tables: &Tables, hang: &Hang) -> bool {
        let ended_well = |thread: u32| {
            let row = &tables.threads[thread as usize - 1];
            let status = tables.processes[row.process as usize - 1].exit_status;
            let state = &self.threads[&thread];
            state.ended && !state.failed || status == Some(0)
        };
        self.ending.stop != 0
            && hang
                .roots
                .iter()
                .all(|(thread, anyone)| *anyone && is_first(tables, *thread) && ended_well(*thread))
    }
}

/// Whether its process does not end before the thread does.
fn keeps_process(tables: &Tables, thread: u32) -> bool {
    let row = &tables.threads[thread as usize - 1];
    !row.daemon && !row.internal
}

/// Whether it is the first thread of its process.
fn is_first(tables: &Tables, thread: u32) -> bool {
    let row = &tables.threads[thread as usize - 1];
    tables.processes[row.process as usize - 1].path == row.path
}

/// Whether it is what a fork has copied: nothing of its process made it.
fn is_copy(object: &Object) -> bool {
    object.thread == 0 && object.site != 0
}
