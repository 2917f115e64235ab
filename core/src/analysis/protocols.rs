//! What programs order by themselves, with variables of their own.
//!
//! * A *claim*: under one lock a thread looks at a flag and changes it, so that nobody else gets
//!   past the same look (`if key in busy: return; busy.add(key)`).
//! * A *validation*: what a thread saw beside a value (a version) it looks at again, under the lock
//!   of its write, and whoever changes the value changes that too, in the same critical section.
//!
//! Neither is an edge of happens-before, as it is not the program's synchronization that orders the
//! two threads but their own branches. So it only tells which predicted orders cannot be: those in
//! which a thread would not have come to its act.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::access::Access;
use super::locks::{Section, Sections};
use super::reads::{Mark, Reads};
use super::site;
use crate::model::{Tables, Value};

/// The guards that are written in one critical section; it may still be going on.
type Written = Rc<RefCell<Vec<u32>>>;

/// What the branches before an act say of others that want to do the same.
#[derive(Clone, Default)]
pub struct Guarded {
    /// The guards, and what the thread saw there.
    seen: Vec<(u32, Value)>,
    /// Those that it changed in the critical section in which it looked.
    claims: Vec<(u32, Value)>,
    /// Those that it looked at with the value, and again in the critical section of the act.
    validated: Vec<u32>,
    written: Written,
}

impl Guarded {
    /// Whether the act cannot come between the other thread's look and its act, if that has this
    /// window; `alike`: both acts are the same code.
    pub fn cannot_enter(&self, window: &Guarded, alike: bool) -> bool {
        let claimed = window.claims.iter().any(|claim| self.seen.contains(claim));
        claimed || window.is_validated_by(&self.written) || alike && window.is_exclusive()
    }

    /// Whether no two threads can have looked and not yet acted, if both run this code.
    pub fn is_exclusive(&self) -> bool {
        !self.claims.is_empty() || self.is_validated_by(&self.written)
    }

    fn is_validated_by(&self, written: &Written) -> bool {
        let written = written.borrow();
        self.validated.iter().any(|place| written.contains(place))
    }
}

struct LastWrite {
    seq: u64,
    value: Value,
    held: Sections,
}

#[derive(Default)]
pub struct Protocols {
    /// By guard and thread.
    last: FxHashMap<(u32, u32), LastWrite>,
    /// By thread: the outermost critical section that it was in last, and what it wrote there.
    sections: FxHashMap<u32, (u64, Written)>,
}

impl Protocols {
    /// A write of a location that guards acts.
    pub fn wrote(&mut self, a: &Access) {
        let e = a.e;
        self.section(a).borrow_mut().push(e.target);
        let last = LastWrite {
            seq: e.seq,
            value: e.value,
            held: a.held.clone(),
        };
        self.last.insert((e.target, e.thread), last);
    }

    fn section(&mut self, a: &Access) -> Written {
        let Some(outermost) = a.held.first() else {
            return Written::default();
        };
        let (since, written) = self.sections.entry(a.e.thread).or_default();
        if *since != outermost.since {
            (*since, *written) = (outermost.since, Written::default());
        }
        written.clone()
    }

    /// The act `a`, which rests on `look`, if on any.
    pub fn of(
        &mut self,
        tables: &Tables,
        a: &Access,
        reads: &Reads,
        look: Option<&Mark>,
    ) -> Rc<Guarded> {
        let guards = site(tables, a.e.site).map_or(&[][..], |s| &s.guards);
        let mut found = Guarded {
            written: self.section(a),
            ..Guarded::default()
        };
        for mark in guards.iter().filter_map(|g| reads.at(*g, a.e.thread)) {
            let place = mark.location;
            if mark.value == Value::Absent {
                continue;
            }
            found.seen.push((place, mark.value));
            if let Some(write) = self.last.get(&(place, a.e.thread)) {
                let changed = write.seq > mark.seq && write.value != mark.value;
                if changed && same_section(&write.held, &mark.held) {
                    found.claims.push((place, mark.value));
                }
            }
            let twice = || {
                let with = |m: &Mark, look: &Mark| match look.held.is_empty() {
                    true => m.seq < look.seq,
                    false => same_section(&m.held, &look.held),
                };
                let mut others = reads.of(place, a.e.thread).filter(|m| m.site != mark.site);
                look.is_some_and(|look| mark.seq > look.seq && others.any(|m| with(m, look)))
            };
            if place != a.e.target && same_section(&mark.held, &a.held) && twice() {
                found.validated.push(place);
            }
        }
        Rc::new(found)
    }
}

fn same_section(a: &[Section], b: &[Section]) -> bool {
    a.iter().any(|s| b.contains(s))
}
