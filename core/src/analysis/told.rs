//! What a thread was told by what it read: orders that the program makes with its own variables.
//!
//! * *A test that came out so because of another thread's write.* What rests on the test (its site is
//!   among the site's guards) comes after the write; what does not rest on it could have been done
//!   without. A loop that only waits (`while not ready: …`) lets nothing past it, so all that the
//!   thread does after it comes after the write.
//! * *A reference.* Who reads it and uses its object knows what was done to the object before the
//!   reference was stored, whatever else orders the two threads. What is done to it afterwards is not
//!   published by that.
//!
//! The first write of equal values in a row is the one that tells: those after it made no difference.
//! So it is with a loop that a thread came past under a lock and changed nothing there: another time
//! it can come past as soon as the value stands there, after whatever write, that it had not seen
//! replaced.

use rustc_hash::FxHashMap;

use super::clock::{join, reached, Clock, Stamp};
use super::locks::{Section, Sections};
use crate::model::{Event, Value};
use crate::ops;

/// The same order with all edges, and without those of locks.
#[derive(Clone, Debug, Default)]
pub struct Orders {
    pub strong: Clock,
    pub weak: Clock,
}

impl Orders {
    pub fn join(&mut self, other: &Orders) {
        join(&mut self.strong, &other.strong);
        join(&mut self.weak, &other.weak);
    }
}

/// The last write of a location, as a source of order for those who see its value.
struct Written {
    thread: u32,
    orders: Orders,
    /// With the writes before it that were made under the same lock: a counter tells of them all.
    chain: Clock,
    value: Value,
    held: Sections,
}

/// More values than these, one after the other, are not remembered of one location.
const MOST: usize = 8;

/// A value that a location had for a while.
struct Stood {
    thread: u32,
    seq: u64,
    value: Value,
    /// As of `Written`.
    weak: Clock,
    chain: Clock,
}

/// A test of a thread, the last at its site.
struct Test {
    location: u32,
    object: u32,
    orders: Orders,
}

#[derive(Default)]
pub struct Told {
    written: FxHashMap<u32, Written>,
    /// By location, the last values, the latest last.
    stood: FxHashMap<u32, Vec<Stood>>,
    /// By location and thread: the write whose value it saw last.
    seen: FxHashMap<(u32, u32), u64>,
    /// By site and thread.
    tests: FxHashMap<(u32, u32), Test>,
    /// By object and thread.
    objects: FxHashMap<(u32, u32), Orders>,
    /// By object: who stored a reference to it last.
    stored: FxHashMap<u32, (u32, Orders)>,
    /// By thread: when it last took something out of a container.
    takes: FxHashMap<u32, u64>,
    /// By object and thread: when that gave it away.
    given: FxHashMap<(u32, u32), u64>,
}

/// The variable that is read: its location, the object that it belongs to, and how it is used.
pub struct Place {
    pub location: u32,
    /// 0 if it is no item and no contents.
    pub container: u32,
    /// Its next value is computed from its last one.
    pub counts: bool,
}

fn share(a: &[Section], b: &[Section]) -> bool {
    a.iter().any(|s| b.iter().any(|o| o.lock == s.lock))
}

fn plain(value: &Value) -> bool {
    !matches!(value, Value::Absent | Value::Ref(..))
}

impl Told {
    /// Whether the value is another one now.
    pub fn wrote(&mut self, e: &Event, strong: &Stamp, weak: &Stamp, held: &Sections) -> bool {
        let orders = || {
            let mut orders = Orders::default();
            strong.publish(&mut orders.strong);
            weak.publish(&mut orders.weak);
            orders
        };
        match self.written.get_mut(&e.target) {
            Some(last) if e.op == ops::WRITE && plain(&e.value) && last.value == e.value => {
                return false;
            }
            Some(last) => {
                let new = orders();
                match share(&last.held, held) {
                    true => join(&mut last.chain, &new.weak),
                    false => last.chain = new.weak.clone(),
                }
                last.thread = e.thread;
                last.value = e.value;
                last.held = held.clone();
                last.orders = new;
            }
            None => {
                let orders = orders();
                let new = Written {
                    thread: e.thread,
                    chain: orders.weak.clone(),
                    orders,
                    value: e.value,
                    held: held.clone(),
                };
                self.written.insert(e.target, new);
            }
        }
        true
    }

    /// The value that was just written stands now.
    pub fn stands(&mut self, e: &Event) {
        let written = &self.written[&e.target];
        let stood = self.stood.entry(e.target).or_default();
        if stood.len() == MOST {
            stood.remove(0);
        }
        stood.push(Stood {
            thread: e.thread,
            seq: e.seq,
            value: e.value,
            weak: written.orders.weak.clone(),
            chain: written.chain.clone(),
        });
    }

    /// The thread has looked at the location: it does not see again what stood before.
    pub fn saw(&mut self, location: u32, thread: u32) {
        if let Some(last) = self.stood.get(&location).and_then(|stood| stood.last()) {
            self.seen.insert((location, thread), last.seq);
        }
    }

    /// What the thread knows at least when it comes past a look that saw this, at any time: what was
    /// told by the first write of the value that it had not seen replaced. `known` is what it knows
    /// besides. None where that is not known.
    pub fn at_least(&self, e: &Event, known: &Clock) -> Option<Clock> {
        let stood = self.stood.get(&e.target)?;
        let seen = self.seen.get(&(e.target, e.thread)).copied().unwrap_or(0);
        let replaced =
            |s: &Stood| s.seq <= seen || s.thread == e.thread || reached(known, s.thread) >= s.seq;
        let first = stood.iter().rposition(replaced)?;
        let first = stood[first..].iter().find(|s| s.value == e.value)?;
        let mut told = first.weak.clone();
        join(&mut told, &first.chain);
        Some(told)
    }

    /// What the thread learns by a read in a test. `waits`: it does not go on before it has seen
    /// this.
    pub fn looked(
        &self,
        e: &Event,
        place: &Place,
        held: &[Section],
        waits: bool,
    ) -> Option<Orders> {
        let written = self.written.get(&place.location)?;
        // Whether something is there, not what it is.
        let presence = matches!(e.value, Value::Bool(_)) || place.container != 0;
        if written.value != e.value && !presence && e.op == ops::READ {
            return None;
        }
        let locked = share(&written.held, held);
        if written.thread == e.thread {
            // The last of those who count under a lock sees that they are all through.
            if !place.counts || !locked {
                return None;
            }
        } else if place.counts && !waits {
            return None;
        }
        let mut orders = written.orders.clone();
        if locked {
            join(&mut orders.weak, &written.chain);
        }
        Some(orders)
    }

    /// Keep what a test told, if anything, for what rests on it.
    pub fn tested(&mut self, e: &Event, place: &Place, orders: Option<Orders>) {
        match orders {
            Some(orders) => {
                let test = Test {
                    location: place.location,
                    object: place.container,
                    orders,
                };
                self.tests.insert((e.site, e.thread), test);
            }
            None => {
                self.tests.remove(&(e.site, e.thread));
            }
        }
    }

    /// What the tests told on which an access of `place` rests, but those of the place itself: they
    /// may have come too early.
    pub fn rests_on(&self, guards: &[u32], thread: u32, place: &Place, orders: &mut Orders) {
        for guard in guards {
            if let Some(test) = self.tests.get(&(*guard, thread)) {
                let same = test.location == place.location && place.location != 0
                    || test.object == place.container && place.container != 0;
                if !same {
                    orders.join(&test.orders);
                }
            }
        }
    }

    /// The thread got a reference to `object` from a location; `orders` is what it knows besides.
    pub fn referred(&mut self, e: &Event, object: u32, orders: &Orders) {
        let Some(written) = self.written.get(&e.target) else {
            return;
        };
        if written.value != e.value || written.thread == e.thread {
            return;
        }
        let known = self.objects.entry((object, e.thread)).or_default();
        known.join(orders);
        known.join(&written.orders);
    }

    /// The thread stored a reference to `object`.
    pub fn gave(&mut self, e: &Event, object: u32, orders: &Orders) {
        self.stored.insert(object, (e.thread, orders.clone()));
        self.given.insert((object, e.thread), e.seq);
    }

    pub fn took(&mut self, e: &Event) {
        self.takes.insert(e.thread, e.seq);
    }

    /// What the thread knows of `object` by the references that it read. What it uses after it has
    /// taken something, not known what, out of a container (`popitem`), and had not or no longer, it
    /// may have got there.
    pub fn of_object(&mut self, object: u32, thread: u32) -> Option<&Orders> {
        if let Some(taken) = self.takes.get(&thread) {
            let given = self.given.get(&(object, thread)).copied();
            let had = self.objects.contains_key(&(object, thread));
            if given.map_or(!had, |given| given < *taken) {
                let stored = self.stored.get(&object).filter(|(by, _)| *by != thread);
                if let Some(orders) = stored.map(|(_, orders)| orders.clone()) {
                    self.objects
                        .entry((object, thread))
                        .or_default()
                        .join(&orders);
                }
            }
        }
        self.objects.get(&(object, thread))
    }
}
