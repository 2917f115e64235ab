//! Check-then-act on locks, semaphores, barriers and futures: their state is asked for, and what is
//! done then rests on the answer.
//!
//! * `if not lock.locked(): lock.acquire()`, `if semaphore._value: …`: others can take what was free,
//!   and the acquire waits. With `if lock.locked(): lock.release()` two can release it.
//! * `if barrier.n_waiting == 0: barrier.reset()`: others can arrive in between.
//! * `if not future.done(): future.set_result(…)`: two can find it open, and the second fails.
//!
//! Observed where others did so between the look and the act, predicted where nothing orders what
//! they did and no lock keeps it out. A thread that holds the lock itself does not ask whether
//! it is free, nor does a loop that waits for the answer.

use rustc_hash::FxHashMap;

use super::access::{add_thread, Access, Known, Point, Raw};
use super::locks::{share_lock, unbroken, Sections};
use super::rules::Rule;
use super::{site, text};
use crate::model::{Event, Tables, Value};
use crate::ops::{self, location, outcome};

/// What can be done to such an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Act {
    Take,
    Give,
    Arrive,
    Reset,
    Finish,
}

impl Act {
    fn of(e: &Event) -> Option<Act> {
        match (e.op, e.outcome) {
            (ops::ACQUIRE, outcome::OK) => Some(Act::Take),
            (ops::RELEASE, _) => Some(Act::Give),
            (ops::ARRIVE, _) => Some(Act::Arrive),
            (ops::RESET, _) => Some(Act::Reset),
            (ops::FINISH, _) => Some(Act::Finish),
            _ => None,
        }
    }

    /// What others do between the look and this act that makes the look vain.
    fn spoiler(self) -> Act {
        match self {
            Act::Arrive | Act::Reset => Act::Arrive,
            same => same,
        }
    }

    /// Whether another's look at the same site that gave this answer tells that it may do the same: in
    /// vain, as it came later, or where its act failed, which is no event.
    fn is_done_after(self, answer: i64) -> bool {
        match self {
            Act::Take => answer <= 0,
            Act::Give | Act::Finish => true,
            Act::Arrive | Act::Reset => false,
        }
    }

    fn rule(self) -> Rule {
        match self {
            Act::Take => Rule::LookAcquire,
            Act::Give => Rule::LookRelease,
            Act::Arrive | Act::Reset => Rule::LookBarrier,
            Act::Finish => Rule::LookFuture,
        }
    }
}

/// The answer to a look: how many may still come, or have come; a truth counts as 0 or 1.
#[derive(Clone)]
struct Look {
    point: Point,
    held: Sections,
    weak: Known,
    answer: i64,
    /// What other threads had taken.
    taken: u64,
}

/// A look and the act that rested on it, the last of a thread at a site.
struct Window {
    look: Look,
    act: Point,
    kept: Vec<u32>,
    /// How many others it takes to make the look vain, and so many in this run: some of what there
    /// is was taken when it was made.
    needed: usize,
    missing: usize,
    /// By thread: what they did or can do in between.
    others: FxHashMap<u32, Point>,
}

#[derive(Default)]
struct State {
    /// By thread: what it has taken and not given back.
    taken: FxHashMap<u32, u64>,
    /// By thread and site.
    looks: FxHashMap<(u32, u32), Look>,
    /// By thread, act and site.
    acts: FxHashMap<(u32, Act, u32), Point>,
    windows: FxHashMap<(u32, Act, u32), Window>,
    /// By the site of the act that rests on the look.
    found: FxHashMap<u32, Raw>,
}

/// Whose state is asked for, and by which events.
#[derive(Default)]
pub struct Questions {
    /// By object: it is a Lock; its state is asked for.
    is_lock: Vec<bool>,
    asked: Vec<bool>,
    /// By location: the semaphore whose value it is, or 0.
    value_of: Vec<u32>,
}

impl Questions {
    pub fn new(tables: &Tables) -> Self {
        let name = |id: u32| tables.strings.get((id as usize).wrapping_sub(1));
        let kind = |object: u32| {
            let row = tables.objects.get((object as usize).wrapping_sub(1));
            row.and_then(|row| name(row.kind))
                .map_or(&b""[..], |kind| kind)
        };
        let value_of = tables.locations.iter().map(|l| {
            let value = l.kind == location::ATTRIBUTE
                && name(l.name).is_some_and(|n| n == b"_value")
                && kind(l.object).ends_with(b"Semaphore");
            if value {
                l.object
            } else {
                0
            }
        });
        let objects = 0..=tables.objects.len() as u32;
        Questions {
            asked: vec![false; tables.objects.len() + 1],
            is_lock: objects.map(|id| kind(id) == b"Lock").collect(),
            value_of: [0].into_iter().chain(value_of).collect(),
        }
    }

    /// The object whose state the event asks for; 0 if it does not.
    pub fn object(&self, e: &Event) -> u32 {
        match e.op {
            ops::LOOK | ops::POLL => e.target,
            ops::READ => self.value_of.get(e.target as usize).copied().unwrap_or(0),
            _ => 0,
        }
    }

    /// In a first pass.
    pub fn step(&mut self, e: &Event) {
        let object = self.object(e);
        if let Some(asked) = self.asked.get_mut(object as usize) {
            *asked |= object != 0;
        }
    }

    /// Whether the event changes a state that is asked for.
    pub fn is_changed_by(&self, e: &Event) -> bool {
        Act::of(e).is_some() && self.asked.get(e.target as usize) == Some(&true)
    }

    /// What a truth says of the object's state: whether a lock is free, whether a future is done.
    fn answer(&self, object: u32, value: &Value) -> Option<i64> {
        let is_lock = self.is_lock.get(object as usize) == Some(&true);
        match value {
            Value::Bool(truth) => Some(i64::from(*truth != is_lock)),
            Value::Int(n) => Some(*n),
            _ => None,
        }
    }
}

#[derive(Default)]
pub struct StateChecks {
    objects: FxHashMap<u32, State>,
}

impl StateChecks {
    /// A thread asks for the state of the object.
    pub fn looked(&mut self, questions: &Questions, object: u32, a: &Access) {
        let Some(answer) = questions.answer(object, &a.e.value) else {
            return;
        };
        let state = self.objects.entry(object).or_default();
        let others = state.taken.iter().filter(|(by, _)| **by != a.e.thread);
        let look = Look {
            point: Point::new(a.e, &a.held),
            held: a.held.clone(),
            weak: a.weak.clone(),
            answer,
            taken: others.map(|(_, taken)| taken).sum(),
        };
        for ((thread, act, _), window) in &mut state.windows {
            let same = act.is_done_after(answer) && window.look.point.site == a.e.site;
            let open = same && *thread != a.e.thread && !a.weak.has(*thread, window.act.seq);
            if open && !share_lock(&window.kept, &a.held) {
                window.others.insert(a.e.thread, look.point.clone());
                report(&mut state.found, *act, window, object);
            }
        }
        state.looks.insert((a.e.thread, a.e.site), look);
    }

    /// A thread changes the state.
    pub fn acted(&mut self, tables: &Tables, a: &Access) {
        let Some(act) = Act::of(a.e) else {
            return;
        };
        let state = self.objects.entry(a.e.target).or_default();
        let now = Point::new(a.e, &a.held);
        let by = a.e.thread;
        for ((thread, other, _), window) in &mut state.windows {
            let open = *thread != by
                && other.spoiler() == act
                && !a.weak.has(*thread, window.act.seq)
                && !share_lock(&window.kept, &a.held);
            if open {
                window.others.insert(by, now.clone());
                report(&mut state.found, *other, window, a.e.target);
            }
        }
        if let Some(look) = state.look_of(tables, act, a) {
            let (missing, out) = match act {
                Act::Take => (look.answer as usize, look.taken as usize),
                _ => (1, 0),
            };
            let mut window = Window {
                needed: missing + out,
                missing,
                kept: Vec::new(),
                act: now.clone(),
                others: FxHashMap::default(),
                look,
            };
            unbroken(&window.look.held, &a.held, &mut window.kept);
            state.fill(&mut window, act, by);
            report(&mut state.found, act, &window, a.e.target);
            state.windows.insert((by, act, a.e.site), window);
        }
        state.acts.insert((by, act, a.e.site), now);
        let taken = state.taken.entry(by).or_default();
        match act {
            Act::Take => *taken += 1,
            Act::Give => *taken = taken.saturating_sub(1),
            _ => {}
        }
    }

    pub fn finish(self) -> Vec<Raw> {
        let found = self.objects.into_values().flat_map(|state| state.found);
        found.map(|(_, raw)| raw).collect()
    }
}

impl State {
    /// The latest look that the act rests on, if that says that it can be done at once.
    fn look_of(&self, tables: &Tables, act: Act, a: &Access) -> Option<Look> {
        let row = site(tables, a.e.site)?;
        // One that does not wait, or not for ever, is a test itself.
        let text = text(tables, row);
        if act == Act::Take && !text.ends_with(".acquire()") && !text.starts_with("with ") {
            return None;
        }
        let looks = row.guards.iter().filter(|guard| **guard != a.e.site);
        let looks = looks.filter_map(|guard| self.looks.get(&(a.e.thread, *guard)));
        let look = looks.max_by_key(|look| look.point.seq)?;
        let own = self.acts.iter().filter(|((by, ..), _)| *by == a.e.thread);
        let fresh = own
            .clone()
            .all(|(_, point)| point.seq < look.point.seq || point.seq == a.e.seq);
        let waits = site(tables, look.point.site)?
            .guards
            .contains(&look.point.site);
        let can = match act {
            Act::Take => look.answer > 0,
            Act::Give | Act::Reset | Act::Finish => look.answer == 0,
            Act::Arrive => true,
        };
        (fresh && !waits && can).then(|| look.clone())
    }

    /// What others have done that came between, or could have come.
    fn fill(&self, window: &mut Window, act: Act, by: u32) {
        let look = &window.look;
        let can = |thread: u32, point: &Point| {
            let between = point.seq > look.point.seq;
            thread != by
                && (between || !look.weak.has(thread, point.seq))
                && !point.locks.iter().any(|lock| window.kept.contains(lock))
        };
        let acts = self
            .acts
            .iter()
            .filter(|((_, other, _), _)| act.spoiler() == *other)
            .map(|((thread, ..), point)| (*thread, point));
        let looks = self
            .looks
            .iter()
            .filter(|((_, at), other)| act.is_done_after(other.answer) && *at == look.point.site)
            .map(|((thread, _), other)| (*thread, &other.point));
        let mut possible: Vec<(u32, Point)> = acts
            .chain(looks)
            .filter(|(thread, point)| can(*thread, point))
            .map(|(thread, point)| (thread, point.clone()))
            .collect();
        possible.sort_by_key(|(_, point)| point.seq);
        window.others.extend(possible);
    }
}

/// Keep the window as a finding, if enough of the others can come between its two ends.
fn report(found: &mut FxHashMap<u32, Raw>, act: Act, window: &Window, object: u32) {
    let inside = |point: &&Point| point.seq > window.look.point.seq && point.seq < window.act.seq;
    let came = window.others.values().filter(inside).count();
    let observed = came >= window.missing;
    if !observed && window.others.len() < window.needed {
        return;
    }
    let raw = found.entry(window.act.site).or_insert_with(|| Raw {
        object,
        ..Raw::new(act.rule())
    });
    add_thread(&mut raw.threads, window.act.thread);
    window
        .others
        .keys()
        .for_each(|thread| add_thread(&mut raw.threads, *thread));
    if raw.points.is_empty() || observed && !raw.observed {
        let mut others: Vec<&Point> = window.others.values().collect();
        others.sort_by_key(|point| (!inside(point), point.seq));
        let other = others[0].clone();
        raw.observed = observed;
        raw.count = 0;
        let order = [window.look.point.clone(), other, window.act.clone()];
        raw.witness = match observed {
            true => Vec::new(),
            false => order.each_ref().map(|point| point.seq).to_vec(),
        };
        raw.points = order.to_vec();
        raw.points.sort_by_key(|point| point.seq);
    }
    raw.count += u64::from(observed == raw.observed);
}
