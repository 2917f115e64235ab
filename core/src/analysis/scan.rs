//! One pass of the log through all engines.

use rustc_hash::FxHashMap;

use super::access::{Access, Known};
use super::atomicity::Atomicity;
use super::changes::Change;
use super::clock::{join, Clock};
use super::failures::Failures;
use super::flag_checks::FlagChecks;
use super::happens_before::Order;
use super::locks::{Locks, Sections};
use super::looks::check_of;
use super::lost_updates::LostUpdates;
use super::luck::Luck;
use super::protocols::Protocols;
use super::queue_checks::QueueChecks;
use super::races::{Class, Races};
use super::reads::{Mark, Reads};
use super::state_checks::StateChecks;
use super::survey::Survey;
use super::tasks::{Seen, Strands, Tasks, Turn};
use super::told::{Orders, Place, Told};
use super::waits::Ending;
use super::waits::Pending;
use super::wakeups::Wakeups;
use super::{process_of, site, Each};
use crate::model::{Event, Tables, Value};
use crate::ops::{self, flag};

/// What is no variable.
const NOWHERE: Place = Place {
    location: 0,
    container: 0,
    counts: false,
};

/// The engines, and what they share, at a place in the log.
pub struct Scan<'a> {
    tables: &'a Tables,
    pub survey: Survey,
    strong: Order<'a>,
    /// Without the edges of locks.
    weak: Order<'a>,
    pub locks: Locks,
    /// The locks, and what keeps threads apart as they do.
    held: Locks,
    pub reads: Reads,
    protocols: Protocols,
    pub races: Races,
    pub updates: LostUpdates,
    pub atomicity: Atomicity,
    pub failures: Failures,
    pub queues: QueueChecks,
    pub flags: FlagChecks,
    pub states: StateChecks,
    pub wakeups: Wakeups,
    pub pending: Pending,
    told: Told,
    pub luck: Luck,
    /// By site and thread: its first look in the loop that it waits in.
    came: FxHashMap<(u32, u32), Mark>,
    tasks: &'a Tasks,
    strands: Strands,
    /// Who is at work: the strand of a task, or the thread.
    worker: u32,
    /// By object and thread: who handed it over, and when.
    handed: FxHashMap<(u32, u32), (u32, u64)>,
}

impl<'a> Scan<'a> {
    /// `real`: as it is in the log.
    fn step(&mut self, seen: &Seen, real: &Event) {
        let e = &seen.event;
        self.worker = match seen.strand {
            0 => e.thread,
            strand => strand,
        };
        self.strands.step(seen, &mut self.strong, &mut self.weak);
        if seen.turn == Turn::Begins {
            self.luck.forget(seen.strand);
        }
        if !matches!(e.op, ops::READ | ops::ITERATE | ops::IS_SET) {
            self.flags.acted(e.site);
        }
        let carried = &mut self.reads.carried;
        carried.step(self.tables, &self.survey.carried, e);
        self.state_of_primitive(e);
        if e.op <= ops::ITERATE {
            if self
                .survey
                .matters
                .get(e.site as usize)
                .copied()
                .unwrap_or(false)
                && matches!(e.op, ops::READ | ops::ITERATE)
            {
                self.reads.passed(e);
            }
            if e.op == ops::UPDATE {
                self.strong.step(e, &mut |_, _| {});
                self.luck.step(self.tables, &mut self.weak, e);
            }
            let known = self.survey.shared.get(e.target as usize).copied();
            if seen.turn == Turn::Own && known == Some(true) {
                Strands::use_own(seen, &mut self.strong);
                Strands::use_own(seen, &mut self.weak);
            }
            if known == Some(true) || self.is_structural(e) {
                self.access(e);
            } else if known.is_some() && self.survey.guards[e.target as usize] {
                self.own_guard(e);
            }
            return;
        }
        self.pending.step(real, self.tables, &mut self.locks);
        self.locks.step(real);
        self.held.step(e);
        self.order(e);
        if matches!(
            e.op,
            ops::PUT | ops::GET | ops::REQUEST | ops::QSIZE | ops::EMPTY | ops::FULL
        ) || e.op == ops::STEP && e.target != 0
        {
            let access = self.seen(e, &NOWHERE, 0);
            let process = process_of(self.tables, real.thread);
            self.queues.step(self.tables, process, &access);
        }
        if matches!(e.op, ops::IS_SET | ops::SET | ops::CLEAR) {
            let access = self.seen(e, &NOWHERE, 0);
            self.flags.step(self.tables, &access);
        }
        if matches!(e.op, ops::REQUEST | ops::NOTIFY) && self.survey.sections.is_condition(e.target)
        {
            let access = self.seen(e, &NOWHERE, 0);
            self.wakeups.step(self.tables, &access, &self.reads);
        }
    }

    /// Locks, semaphores, barriers and futures: what is asked of them and done to them. What a
    /// thread holds counts as before the event.
    fn state_of_primitive(&mut self, e: &Event) {
        let object = self.survey.questions.object(e);
        if object != 0 && self.locks.owner(object) != e.thread {
            let access = self.seen(e, &NOWHERE, 0);
            self.states.looked(&self.survey.questions, object, &access);
        } else if self.survey.questions.is_changed_by(e) {
            let access = self.seen(e, &NOWHERE, 0);
            self.states.acted(self.tables, &access);
        }
    }

    /// A guard that only this thread came to use: under a lock, others may have been kept from it.
    fn own_guard(&mut self, e: &Event) {
        if self.held.held(self.worker).is_empty() {
            return;
        }
        let a = self.seen(e, &NOWHERE, 0);
        match e.op {
            ops::READ | ops::ITERATE => self.reads.add(&a, (0, 0), 0),
            _ => self.protocols.wrote(&a),
        }
    }

    /// Whether the event changes what a container has in it, of which other threads know.
    fn is_structural(&self, e: &Event) -> bool {
        let row = (e.target as usize).wrapping_sub(1);
        let row = self.tables.locations.get(row);
        let Some(row) = row.filter(|_| e.flags & flag::STRUCTURAL != 0) else {
            return false;
        };
        let contents = self.survey.contents_of(row.object);
        self.survey.shared.get(contents as usize) == Some(&true)
    }

    /// What synchronization orders. A look (`is_set`, `is_alive`) that found what it was for tells
    /// those who rest on it, and everything after it only where the thread waited for that.
    fn order(&mut self, e: &Event) {
        self.rest_on_tests(e);
        self.strong.step(e, &mut |_, _| {});
        let looks = matches!(e.op, ops::IS_SET | ops::OBSERVE | ops::POLL) && e.site != 0;
        if !looks || self.survey.waits[e.site as usize] {
            self.luck.step(self.tables, &mut self.weak, e);
            return;
        }
        let before = self.weak.clock(e.thread).clone();
        self.weak.step(e, &mut |_, _| {});
        let after = std::mem::replace(self.weak.clock(e.thread), before);
        let orders = Orders {
            strong: Clock::default(),
            weak: after,
        };
        self.told.tested(e, &NOWHERE, Some(orders));
    }

    /// What a thread does to others because of a test comes after what it was told by that.
    fn rest_on_tests(&mut self, e: &Event) {
        let tables = self.tables;
        let tells = matches!(
            e.op,
            ops::SET | ops::NOTIFY | ops::PUT | ops::START | ops::SUBMIT | ops::SEND
        );
        let guards = site(tables, e.site).map_or(&[][..], |s| &s.guards);
        if tells && !guards.is_empty() {
            let mut orders = Orders::default();
            self.told.rests_on(guards, e.thread, &NOWHERE, &mut orders);
            join(self.strong.clock(e.thread), &orders.strong);
            join(self.weak.clock(e.thread), &orders.weak);
            self.luck.learn(e.thread, &orders.weak);
        }
    }

    fn seen<'e>(&mut self, e: &'e Event, place: &Place, object: u32) -> Access<'e> {
        let mut orders = Orders {
            strong: self.strong.clock(e.thread).clone(),
            weak: self.weak.clock(e.thread).clone(),
        };
        let held = self.held(e);
        let held = match self.luck.without(self.tables, e, &held) {
            Some((weak, held)) => {
                orders.weak = weak;
                held
            }
            None => held,
        };
        let guards = site(self.tables, e.site).map_or(&[][..], |s| &s.guards);
        self.told.rests_on(guards, self.worker, place, &mut orders);
        let mut handed = (0, 0);
        match self.told.of_object(object, e.thread) {
            Some(known) => orders.join(known),
            None => handed = self.handed(e, object),
        }
        let known = |clock: Clock| Known {
            thread: e.thread,
            clock,
            handed,
        };
        Access {
            e,
            known: known(orders.strong),
            weak: known(orders.weak),
            held,
        }
    }

    fn held(&mut self, e: &Event) -> Sections {
        let weak = &mut self.weak;
        let knows = |owner, since| weak.knows(e.thread, owner, since);
        self.held.held_or_passed(self.worker, knows)
    }

    fn place(&self, location: u32) -> Place {
        let row = &self.tables.locations[location as usize - 1];
        let inside = matches!(row.kind, ops::location::ITEM | ops::location::CONTENTS);
        Place {
            location,
            container: if inside { row.object } else { 0 },
            counts: self.survey.updated[location as usize],
        }
    }

    /// A read. If it is the one with which the thread comes past a loop that it has waited in, and after
    /// which it changes nothing under the lock: how it came to that loop.
    fn comes(&mut self, e: &Event, place: &Place) -> Option<Mark> {
        let at = (e.site, self.worker);
        if self.survey.sections.is_in_vain(e.seq) {
            if !self.came.contains_key(&at) {
                let a = self.seen(e, place, 0);
                self.came.insert(at, Mark::new(&a, (0, 0)));
            }
            self.learn(e, place);
            return None;
        }
        self.learn(e, place);
        let came = self.came.remove(&at);
        came.filter(|_| self.survey.only_looks(e.site))
    }

    /// What a read tells, before anything else is made of it.
    fn learn(&mut self, e: &Event, place: &Place) {
        let known = |marks: &[bool]| marks.get(e.site as usize).copied().unwrap_or(false);
        if !known(&self.survey.guarding) {
            return;
        }
        let waits = known(&self.survey.waits);
        let held = self.held.held(self.worker);
        let orders = self.told.looked(e, place, &held, waits);
        let only_looks = waits && !held.is_empty() && self.survey.only_looks(e.site);
        let least = match only_looks && place.container == 0 {
            true => self.told.at_least(e, self.weak.clock(e.thread)),
            false => None,
        };
        self.told.saw(e.target, e.thread);
        match orders {
            Some(mut orders) if waits => {
                if let Some(least) = least {
                    orders.weak = least;
                }
                join(self.strong.clock(e.thread), &orders.strong);
                join(self.weak.clock(e.thread), &orders.weak);
                self.luck.learn(e.thread, &orders.weak);
            }
            orders => self.told.tested(e, place, orders),
        }
    }

    /// An object that another thread made, and that came here with no synchronization on its way,
    /// was reached through some reference that was stored when it was complete. So what its maker
    /// did to it before this thread's first access is ordered.
    fn handed(&mut self, e: &Event, object: u32) -> (u32, u64) {
        let (maker, made) = self
            .survey
            .made
            .get(object as usize)
            .copied()
            .unwrap_or((0, 0));
        if maker == 0 || maker == e.thread {
            return (0, 0);
        }
        let strong = &mut self.strong;
        // Two tasks of one worker are ordered by that alone.
        let same = self.tasks.worker_of(maker) == self.tasks.worker_of(e.thread);
        *self.handed.entry((object, e.thread)).or_insert_with(|| {
            if !same && strong.knows(e.thread, maker, made) {
                (0, 0)
            } else {
                (maker, e.seq)
            }
        })
    }

    fn access(&mut self, e: &Event) {
        let row = &self.tables.locations[e.target as usize - 1];
        let place = self.place(e.target);
        let came = match e.op {
            ops::READ | ops::ITERATE => self.comes(e, &place),
            _ => None,
        };
        let a = self.seen(e, &place, row.object);
        if let Some(came) = came {
            self.atomicity.waited(&a, &came);
        }
        if let Value::Ref(_, object) = e.value {
            self.refer(&a, object);
        }
        if e.op == ops::UPDATE && Change::of(self.tables, e) == Change::Shrink {
            self.told.took(e);
        }
        // What raised and left the size as it was has only looked.
        let refused = e.outcome == ops::outcome::RAISED && e.flags & flag::STRUCTURAL == 0;
        let class = match refused {
            true => Class::Read,
            false => match Class::of(e.op) {
                Class::Iterate if self.survey.at_once[e.site as usize] => Class::Read,
                class => class,
            },
        };
        // What only this thread uses is looked at for what it does to the container.
        let shared = self.survey.shared[e.target as usize];
        if shared {
            self.races.access(e.target, class, &a);
        }
        let contents = self.survey.contents_of(row.object);
        if e.flags & flag::STRUCTURAL != 0 && contents != 0 && contents != e.target {
            self.races.access(contents, Class::Structural, &a);
        }
        let updated = self.survey.updated[e.target as usize];
        let checked = self.survey.checked[e.target as usize]
            || self
                .survey
                .checked
                .get(contents as usize)
                .copied()
                .unwrap_or(false);
        if e.outcome == ops::outcome::RAISED {
            let check = check_of(self.tables, &self.survey, &a, &self.reads);
            self.failures.failed(self.tables, e.target, check, &a);
        }
        if refused && !matches!(e.op, ops::READ | ops::ITERATE) {
            return;
        }
        if !matches!(class, Class::Read | Class::Iterate) {
            self.resized(e, contents, &a);
        }
        let guards = self.survey.guards[e.target as usize];
        if matches!(class, Class::Read | Class::Iterate) {
            if updated || checked || guards {
                let container = if contents == 0 { 0 } else { row.object };
                self.reads
                    .add(&a, self.updates.history(e.target), container);
            }
            if e.flags & flag::INDEXED != 0 && contents != 0 {
                self.reads.peek(&a, contents);
                self.atomicity.looked(self.tables, contents, &a);
            }
            if checked {
                self.atomicity.read(self.tables, &a);
            }
            return;
        }
        if updated {
            self.updates
                .write(self.tables, &a, &self.reads, &mut self.protocols);
            if self.survey.takes_or_begins[e.site as usize] {
                self.reads.add(&a, self.updates.history(e.target), 0);
            }
        }
        if checked {
            let (survey, protocols) = (&self.survey, &mut self.protocols);
            self.atomicity
                .write(self.tables, survey, &a, &self.reads, protocols);
        }
        if guards {
            self.protocols.wrote(&a);
            self.wakeups.wrote(e.target, &a);
        }
        if e.flags & flag::STRUCTURAL != 0 && contents != e.target {
            self.wakeups.wrote(contents, &a);
        }
        if !shared {
            return;
        }
        let (mut strong, mut weak) = (self.strong.stamp(e), self.weak.stamp(e));
        strong.clock = a.known.clock.clone();
        weak.clock = a.weak.clock.clone();
        let replaces = self.told.wrote(e, &strong, &weak, &a.held);
        if replaces && guards {
            self.told.stands(e);
        }
    }

    /// Keep what may make others fail, where something failed.
    fn resized(&mut self, e: &Event, contents: u32, a: &Access) {
        let failed = |location: u32| self.survey.failed[location as usize];
        let whole = contents != 0 && (contents == e.target || e.flags & flag::STRUCTURAL != 0);
        if !(failed(e.target) || whole && failed(contents)) {
            return;
        }
        let change = Change::of(self.tables, e);
        self.failures.changed(e.target, change, a);
        if whole && contents != e.target {
            self.failures.changed(contents, change, a);
        }
    }

    fn refer(&mut self, a: &Access, object: u32) {
        if self.survey.owns.get(object as usize) != Some(&true) {
            return;
        }
        let mut orders = Orders {
            strong: a.known.clock.clone(),
            weak: a.weak.clock.clone(),
        };
        match a.e.op {
            ops::READ | ops::ITERATE => self.told.referred(a.e, object, &orders),
            ops::WRITE => {
                self.strong.stamp(a.e).publish(&mut orders.strong);
                self.weak.stamp(a.e).publish(&mut orders.weak);
                self.told.gave(a.e, object, &orders);
            }
            _ => {}
        }
    }
}

/// The engines when the whole log has passed.
pub fn scan<'a, E>(
    tables: &'a Tables,
    tasks: &'a Tasks,
    ending: Ending,
    each: &Each<E>,
) -> Result<Scan<'a>, E> {
    let mut survey = Survey::new(tables, tasks.most());
    survey.pass(tables, &|f| {
        let mut walk = tasks.walk();
        each(&mut |e| f(&walk.step(e).event))
    })?;
    let mut scan = Scan {
        tables,
        strong: Order::new(tables, survey.ahead.clone()),
        weak: Order::without_turns(tables, survey.ahead.clone(), survey.exclusion.clone()),
        locks: Locks::new(tables),
        held: Locks::with(tables, survey.exclusion.clone()),
        survey,
        reads: Reads::default(),
        protocols: Protocols::default(),
        races: Races::default(),
        updates: LostUpdates::default(),
        atomicity: Atomicity::default(),
        failures: Failures::default(),
        queues: QueueChecks::new(tables),
        flags: FlagChecks::new(tables),
        states: StateChecks::default(),
        wakeups: Wakeups::default(),
        pending: Pending::new(tables, ending),
        told: Told::default(),
        luck: Luck::default(),
        came: FxHashMap::default(),
        tasks,
        strands: Strands::new(tasks),
        worker: 0,
        handed: FxHashMap::default(),
    };
    let mut walk = tasks.walk();
    each(&mut |e| scan.step(&walk.step(e), e))?;
    Ok(scan)
}
