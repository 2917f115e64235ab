//! What an order must know of the log before it goes through it.

use std::rc::Rc;

use super::handover::Users;
use crate::model::{Event, Tables};

/// The events that later ones name as their link, in order, and by how many they are named. What
/// none names is not kept.
pub type Links = Rc<[(u64, u32)]>;

#[derive(Clone, Default)]
pub struct Ahead {
    pub links: Links,
    /// By object: several threads change what is in it.
    pub passed_on: Rc<[bool]>,
}

/// Gathers it in a pass of the log.
#[derive(Default)]
pub struct Watch {
    named: Vec<u64>,
    users: Users,
}

impl Watch {
    pub fn step(&mut self, tables: &Tables, e: &Event) {
        if e.link != 0 {
            self.named.push(e.link);
        }
        self.users.step(tables, e);
    }

    pub fn finish(mut self) -> Ahead {
        self.named.sort_unstable();
        let runs = self.named.chunk_by(|a, b| a == b);
        Ahead {
            links: runs.map(|run| (run[0], run.len() as u32)).collect(),
            passed_on: self.users.finish(),
        }
    }
}
