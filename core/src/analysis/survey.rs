//! The first pass over the log: what the engines must know before they start, so that they keep
//! nothing for the many locations and events that cannot matter.

use std::rc::Rc;

use rustc_hash::FxHashSet;

use super::ahead::{self, Ahead};
use super::exclusion::{Exclusion, Watch};
use super::sections::{self, does_more};
use super::state_checks::Questions;
use super::texts::{begins, copies};
use super::{carried, site, text, Each};
use crate::model::{Event, Site, Tables};
use crate::ops::{self, flag};

/// Ids count from 1, so index 0 of each table is unused.
pub struct Survey {
    pub ahead: Ahead,
    /// By location: accessed by more than one thread.
    pub shared: Vec<bool>,
    /// By location: written with a value that was computed from itself.
    pub updated: Vec<bool>,
    /// By location: changed at a site that a test guards.
    pub checked: Vec<bool>,
    /// By location: read in the test that guards an act.
    pub guards: Vec<bool>,
    /// By site: a read whose value goes into a write of the same location.
    pub feeds_update: Vec<bool>,
    /// By site: a read that flows into a write, or into the test that guards one.
    pub matters: Vec<bool>,
    /// By site: a read that flows into the test that guards something.
    pub guarding: Vec<bool>,
    /// By site: the test of a loop that does nothing but wait.
    pub waits: Vec<bool>,
    pub sections: sections::Survey,
    /// By site: a container is read as a whole in one step of C, which no other thread can come into.
    pub at_once: Vec<bool>,
    /// By site: an item is taken out of a dict, or else there is something to begin with.
    pub takes_or_begins: Vec<bool>,
    /// By site: the first two acts that it guards.
    rests: Vec<[u32; 2]>,
    /// By site: something was done in the function that is called there, which others may call.
    pub acted_within: Vec<bool>,
    /// By location: something failed there.
    pub failed: Vec<bool>,
    /// What else than locks keeps threads apart.
    pub exclusion: Rc<Exclusion>,
    /// By object: it has locations.
    pub owns: Vec<bool>,
    /// By object: the thread that made it, and the first event of its `__init__`; zeros where that
    /// is not in the log (a container, or an object that was only seen later).
    pub made: Vec<(u32, u64)>,
    /// By object: the location of its contents as a whole.
    pub contents: Vec<u32>,
    pub carried: carried::Paths,
    /// The highest id of a thread, or of what stands for one.
    threads: u32,
    pub questions: Questions,
}

fn at<T: Copy + Default>(table: &[T], id: u32) -> T {
    table.get(id as usize).copied().unwrap_or_default()
}

fn in_init(tables: &Tables, id: u32) -> bool {
    site(tables, id)
        .and_then(|s| tables.strings.get((s.function as usize).checked_sub(1)?))
        .is_some_and(|name| name.ends_with(b"__init__"))
}

/// Whether the variable is there for others than the thread, which has not made what it is in.
fn others_have(tables: &Tables, location: u32, thread: u32) -> bool {
    let object = tables
        .locations
        .get(location as usize - 1)
        .map(|l| l.object);
    let object = object.and_then(|id| tables.objects.get((id as usize).wrapping_sub(1)));
    object.is_none_or(|object| object.thread != thread)
}

/// By stack: a call of it rests on a test.
fn guarded_calls(tables: &Tables) -> Vec<bool> {
    let guarded = |id: &u32| site(tables, *id).is_some_and(|s| !s.guards.is_empty());
    let stacks = tables.stacks.iter().map(|stack| stack.iter().any(guarded));
    [false].into_iter().chain(stacks).collect()
}

impl Survey {
    pub fn new(tables: &Tables, threads: u32) -> Self {
        let locations = tables.locations.len() + 1;
        let mut contents = vec![0; tables.objects.len() + 1];
        for (i, location) in tables.locations.iter().enumerate() {
            if location.kind == ops::location::CONTENTS {
                if let Some(c) = contents.get_mut(location.object as usize) {
                    *c = i as u32 + 1;
                }
            }
        }
        let mut guarding = vec![false; tables.sites.len() + 1];
        let mut matters = guarding.clone();
        let mark = |marks: &mut [bool], ids: &[u32]| {
            for id in ids {
                if let Some(m) = marks.get_mut(*id as usize) {
                    *m = true;
                }
            }
        };
        let mut waits = vec![false; tables.sites.len() + 1];
        for (i, site) in tables.sites.iter().enumerate() {
            let id = i as u32 + 1;
            waits[id as usize] = site.guards.contains(&id);
            mark(&mut matters, &site.sources);
            mark(&mut matters, &site.guards);
            mark(&mut guarding, &site.guards);
        }
        let at_once = |s: &Site| copies(text(tables, s));
        let at_once = [false]
            .into_iter()
            .chain(tables.sites.iter().map(at_once))
            .collect();
        let mut owns = vec![false; tables.objects.len() + 1];
        for location in &tables.locations {
            if let Some(owns) = owns.get_mut(location.object as usize) {
                *owns = true;
            }
        }
        let takes_or_begins = tables.sites.iter().map(|s| begins(text(tables, s)));
        let takes_or_begins = [false].into_iter().chain(takes_or_begins).collect();
        Survey {
            takes_or_begins,
            matters,
            guarding,
            waits,
            at_once,
            sections: sections::Survey::default(),
            rests: vec![[0; 2]; tables.sites.len() + 1],
            acted_within: vec![false; tables.sites.len() + 1],
            failed: vec![false; locations],
            exclusion: Rc::default(),
            owns,
            ahead: Ahead::default(),
            shared: vec![false; locations],
            updated: vec![false; locations],
            checked: vec![false; locations],
            guards: vec![false; locations],
            feeds_update: vec![false; tables.sites.len() + 1],
            made: vec![(0, 0); tables.objects.len() + 1],
            contents,
            carried: carried::Paths::default(),
            threads,
            questions: Questions::new(tables),
        }
    }

    /// The location of the contents of an object; 0 if it has none.
    pub fn contents_of(&self, object: u32) -> u32 {
        at(&self.contents, object)
    }

    fn act(&mut self, tables: &Tables, id: u32) {
        let guards = site(tables, id).map_or(&[][..], |s| &s.guards);
        for guard in guards.iter().filter(|guard| **guard != id) {
            if let Some([first, second]) = self.rests.get_mut(*guard as usize) {
                *if *first == 0 { first } else { second } = id;
            }
        }
    }

    /// Something was done in the functions that were called at the sites of the stack.
    fn acted_in(&mut self, tables: &Tables, stack: u32) {
        for &call in &tables.stacks[stack as usize - 1] {
            if let Some(acted) = self.acted_within.get_mut(call as usize) {
                if !std::mem::replace(acted, true) {
                    self.act(tables, call);
                }
            }
        }
    }

    /// Whether nobody who came past the test of a loop that waits, under a lock, has changed anything
    /// before the lock was released.
    pub fn only_looks(&self, site: u32) -> bool {
        !self.sections.changes_after(site)
    }

    /// Whether more than the act rests on the check.
    pub fn rests(&self, check: u32, act: u32) -> bool {
        let acts = self.rests.get(check as usize).copied().unwrap_or_default();
        acts.iter().any(|site| *site != 0 && *site != act)
    }

    /// The pass itself: `each` calls its argument with every event, in order.
    pub fn pass<E>(&mut self, tables: &Tables, each: &Each<E>) -> Result<(), E> {
        let mut ahead = ahead::Watch::default();
        let mut first_thread = vec![0u32; tables.locations.len() + 1];
        let mut read_at = vec![0u32; tables.sites.len() + 1];
        let mut seen = vec![false; tables.objects.len() + 1];
        let mut last_read = vec![0u32; self.threads as usize + 1];
        let mut watch = Watch::new(tables);
        let mut carried = carried::Survey::new(tables);
        let mut sections = sections::Survey::new(tables, self.threads);
        let mut acted = vec![false; tables.sites.len() + 1];
        let mut peeked = vec![false; tables.locations.len() + 1];
        let mut resized = vec![false; tables.objects.len() + 1];
        let guarded = guarded_calls(tables);
        let mut within: FxHashSet<(u32, u32, u32)> = FxHashSet::default();
        each(&mut |e: &Event| {
            ahead.step(tables, e);
            if e.op > ops::ITERATE {
                watch.step(e);
            }
            carried.step(tables, e);
            sections.step(e, &self.waits);
            self.questions.step(e);
            if !matches!(e.op, ops::READ | ops::ITERATE) && !acted[e.site as usize] {
                acted[e.site as usize] = true;
                self.act(tables, e.site);
            }
            if does_more(e.op) && guarded.get(e.stack as usize) == Some(&true) {
                let location = if e.op > ops::ITERATE { 0 } else { e.target };
                within.insert((e.stack, location, e.thread));
            }
            if e.op > ops::ITERATE || e.target == 0 || e.target as usize >= first_thread.len() {
                return;
            }
            self.failed[e.target as usize] |= e.outcome == ops::outcome::RAISED;
            let first = &mut first_thread[e.target as usize];
            if *first == 0 {
                *first = e.thread;
            } else if *first != e.thread {
                self.shared[e.target as usize] = true;
            }
            let object = tables.locations[e.target as usize - 1].object;
            if e.op != ops::READ && e.flags & flag::STRUCTURAL != 0 {
                if let Some(resized) = resized.get_mut(object as usize) {
                    *resized = true;
                }
            }
            if e.op == ops::READ && e.flags & flag::INDEXED != 0 {
                peeked[e.target as usize] = true;
                if let Some(contents) = self.contents.get(object as usize) {
                    self.checked[*contents as usize] = true;
                }
            }
            if let Some(seen) = seen.get_mut(object as usize).filter(|seen| !**seen) {
                *seen = true;
                if e.op == ops::WRITE && in_init(tables, e.site) {
                    self.made[object as usize] = (e.thread, e.seq);
                }
            }
            if let Some(last) = last_read.get_mut(e.thread as usize) {
                self.sites(tables, e, &mut read_at, last);
            }
        })?;
        for (stack, location, thread) in within {
            if location == 0 || at(&self.shared, location) || others_have(tables, location, thread)
            {
                self.acted_in(tables, stack);
            }
        }
        self.sections = sections;
        self.ahead = ahead.finish();
        self.exclusion = Rc::new(watch.finish());
        self.carried = carried.finish(tables);
        for &location in &self.carried.targets {
            self.updated[location as usize] = true;
        }
        // A structural change of an item is an access to the contents, whoever reads those.
        for (i, location) in tables.locations.iter().enumerate() {
            if location.kind == ops::location::ITEM {
                let contents = at(&self.contents, location.object);
                // What one thread saw at this index the other may have seen at another.
                self.shared[i + 1] |= peeked[i + 1] && at(&resized, location.object);
                if contents != 0 {
                    self.failed[contents as usize] |= self.failed[i + 1];
                    self.shared[contents as usize] = true;
                    if self.checked[i + 1] {
                        self.checked[contents as usize] = true;
                    }
                }
            }
        }
        Ok(())
    }

    /// `read_at`: by site, the location it read last; `last_read`: the site of the thread's last read.
    fn sites(&mut self, tables: &Tables, e: &Event, read_at: &mut [u32], last_read: &mut u32) {
        let Some(site) = site(tables, e.site) else {
            return;
        };
        if e.op == ops::READ || e.op == ops::ITERATE {
            read_at[e.site as usize] = e.target;
            self.guards[e.target as usize] |= self.guarding[e.site as usize];
            *last_read = e.site;
            return;
        }
        if self.takes_or_begins[e.site as usize] {
            read_at[e.site as usize] = e.target;
        }
        if !site.guards.is_empty() {
            self.checked[e.target as usize] = true;
        }
        if e.op == ops::WRITE {
            if e.flags & flag::AUGMENTED != 0 {
                self.updated[e.target as usize] = true;
                self.feeds_update[*last_read as usize] = true;
            }
            if site.opaque {
                self.updated[e.target as usize] = true;
            }
            for source in &site.sources {
                if at(read_at, *source) == e.target {
                    self.updated[e.target as usize] = true;
                    self.feeds_update[*source as usize] = true;
                }
            }
        }
    }
}
