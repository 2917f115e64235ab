//! The analyses: happens-before, and what goes wrong where it is missing.
//!
//! Each engine reads the log once, in order, and keeps state by location and thread, never by
//! event.

mod access;
mod ahead;
mod atomicity;
mod carried;
mod changes;
mod clock;
mod deadlocks;
mod equivalence;
mod exclusion;
mod failures;
mod find;
mod flag_checks;
mod handover;
mod hangs;
mod happens_before;
mod locks;
mod looks;
mod lost_updates;
mod luck;
mod merging;
mod messages;
mod names;
mod offers;
mod owned;
mod patterns;
mod precedence;
mod protocols;
mod python;
mod queue_checks;
mod queue_leaving;
mod races;
mod reads;
mod rules;
mod scan;
mod sections;
mod state_checks;
mod survey;
mod tasks;
mod texts;
mod told;
mod turns;
mod unfinished;
mod waits;
mod wakeups;

pub use python::register;

use crate::model::{Event, Site, Tables};

/// Calls its argument with every event of the log, in order.
pub type Each<'a, E> = dyn Fn(&mut dyn FnMut(&Event)) -> Result<(), E> + 'a;

fn site(tables: &Tables, id: u32) -> Option<&Site> {
    tables.sites.get((id as usize).checked_sub(1)?)
}

/// The process of a thread; 0 if that is not known.
fn process_of(tables: &Tables, thread: u32) -> u32 {
    let row = tables.threads.get((thread as usize).wrapping_sub(1));
    row.map_or(0, |row| row.process)
}

fn text<'t>(tables: &'t Tables, site: &Site) -> &'t str {
    (site.text as usize)
        .checked_sub(1)
        .and_then(|i| tables.strings.get(i))
        .and_then(|t| std::str::from_utf8(t).ok())
        .unwrap_or("")
}
