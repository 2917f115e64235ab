//! Which reads a write is made of and which tests guard an act, through variables and the functions of
//! all modules of a process.
//!
//! The rewriter says what each thing is made of; here it is followed. Functions go by their names
//! alone: what is called `size` anywhere gives what all functions of that name return, and a parameter
//! is made of what any call gives. That says too much rather than too little, which the engines
//! make good: they ask what the thread itself has read at these sites, and of which location.

use rustc_hash::{FxHashMap, FxHashSet};

use super::graph::{Graph, Made};
use crate::fileformat::pack::{Result, Unpacker};
use crate::fileformat::FileError;
use crate::model::Site;
use crate::spool::format::Role;

/// One entry of the log.
#[derive(Clone, Debug, Hash)]
pub enum Row {
    Flow(Role, u32, Made),
    Mentioned(Vec<u32>),
    Counting(Vec<u32>),
    /// Site and function in turns.
    Bodies(Vec<u32>),
}

fn ids(u: &mut Unpacker) -> Result<Vec<u32>> {
    let len = u.array()?;
    (0..len).map(|_| u.uint()).collect()
}

impl Row {
    pub fn flow(u: &mut Unpacker) -> Result<Row> {
        let role = u.int()?;
        let role = Role::of(role).ok_or_else(|| FileError::bad(format!("flow role {role}")))?;
        let target = u.uint()?;
        let made = Made {
            opaque: u.bool()?,
            sites: ids(u)?,
            nodes: ids(u)?,
            parts: ids(u)?,
        };
        Ok(Row::Flow(role, target, made))
    }

    pub fn mentioned(u: &mut Unpacker) -> Result<Row> {
        Ok(Row::Mentioned(ids(u)?))
    }

    pub fn counting(u: &mut Unpacker) -> Result<Row> {
        Ok(Row::Counting(ids(u)?))
    }

    pub fn bodies(u: &mut Unpacker) -> Result<Row> {
        Ok(Row::Bodies(ids(u)?))
    }
}

/// The flows of one process.
#[derive(Default)]
pub struct Flows<'a> {
    graph: Graph,
    /// By site.
    values: FxHashMap<u32, &'a Made>,
    keys: FxHashMap<u32, &'a Made>,
    guards: FxHashMap<u32, &'a Made>,
    /// By call.
    regardless: FxHashMap<u32, &'a Made>,
    /// By function.
    calls: FxHashMap<u32, Vec<&'a Made>>,
    awaited: Vec<&'a Made>,
    returned: Vec<&'a Made>,
    mentioned: FxHashSet<u32>,
    counting: FxHashSet<u32>,
    bodies: FxHashMap<u32, u32>,
    each: FxHashSet<u32>,
    /// By function: the guards that all its calls have in common.
    common: FxHashMap<u32, Vec<u32>>,
    /// Reads that what a loop waits for is made of.
    waits: FxHashSet<u32>,
    /// Reads that what functions return is made of.
    returns: FxHashSet<u32>,
}

impl<'a> Flows<'a> {
    pub fn new(rows: impl Iterator<Item = &'a Row>) -> Self {
        let mut flows = Flows::default();
        for row in rows {
            flows.add(row);
        }
        let graph = &mut flows.graph;
        let awaited = flows.awaited.iter().flat_map(|made| graph.closure(made).0);
        flows.waits = awaited.collect();
        let returned = flows.returned.iter().flat_map(|made| graph.closure(made).0);
        flows.returns = returned.collect();
        flows
    }

    fn add(&mut self, row: &'a Row) {
        match row {
            Row::Flow(role, target, made) => match role {
                Role::Node => self.graph.add(*target, made),
                Role::Awaited => self.awaited.push(made),
                Role::Returned => self.returned.push(made),
                Role::Each => self.each.extend(&made.sites),
                Role::Call => self.calls.entry(*target).or_default().push(made),
                Role::Value => drop(self.values.insert(*target, made)),
                Role::Key => drop(self.keys.insert(*target, made)),
                Role::Guards => drop(self.guards.insert(*target, made)),
                Role::Regardless => drop(self.regardless.insert(*target, made)),
            },
            Row::Mentioned(functions) => self.mentioned.extend(functions),
            Row::Counting(sites) => self.counting.extend(sites),
            Row::Bodies(pairs) => self
                .bodies
                .extend(pairs.chunks_exact(2).map(|pair| (pair[0], pair[1]))),
        }
    }

    /// Puts into the row of the site with this id what it is made of and what guards it.
    pub fn resolve(&mut self, id: u32, site: &mut Site) {
        if let Some(made) = self.values.get(&id) {
            let (found, opaque) = self.graph.closure(made);
            site.sources.extend(found);
            site.opaque |= opaque;
        }
        let mut counted = match self.keys.get(&id) {
            Some(made) => self.graph.closure(made).0,
            None => Vec::new(),
        };
        counted.extend(&site.sources);
        counted.retain(|source| self.counting.contains(source));
        if let Some(made) = self.guards.get(&id) {
            site.guards.extend(self.graph.closure(made).0);
        }
        if let Some(&function) = self.bodies.get(&id) {
            site.guards.extend(self.of_all_calls(function));
            // What a number rests on is a check only for an act.
            site.guards.extend(counted);
            if self.each.contains(&id) {
                // Its own guard: that marks an act that is done to all that was copied.
                site.guards.push(id);
            }
        } else if self.waits.contains(&id) {
            // Its own guard: that marks the test of a loop that waits.
            site.guards.push(id);
        }
        if self.returns.contains(&id) && !self.bodies.contains_key(&id) {
            // Its own source: that marks a read whose value its function returns.
            site.sources.push(id);
        }
        if let Some(made) = self.regardless.get(&id) {
            site.regardless.extend(&made.sites);
        }
        for list in [&mut site.sources, &mut site.guards, &mut site.regardless] {
            list.sort_unstable();
            list.dedup();
        }
    }

    /// The reads that guard every call of the function, if all its calls are known.
    fn of_all_calls(&mut self, function: u32) -> Vec<u32> {
        if self.mentioned.contains(&function) {
            return Vec::new();
        }
        if let Some(known) = self.common.get(&function) {
            return known.clone();
        }
        let calls = self.calls.get(&function).map_or(&[][..], |calls| calls);
        let mut calls = calls.iter().map(|made| self.graph.closure(made).0);
        let mut common = calls.next().unwrap_or_default();
        for other in calls {
            common.retain(|site| other.contains(site));
        }
        self.common.insert(function, common.clone());
        common
    }
}
