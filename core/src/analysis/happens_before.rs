//! Happens-before: program order and synchronization, as vector clocks over one pass of the log.
//!
//! Where an event carries a link, the edge comes from the linked event alone; else it is the
//! conservative one, from everything that may have let the event happen. An extra edge can hide a
//! race, a missing one would invent one.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::ahead::{Ahead, Links};
use super::clock::{join, reached, Clock, Gathered, Stamp};
use super::exclusion::Exclusion;
use super::handover::Handover;
use super::messages::Messages;
use super::offers::Offers;
use super::process_of;
use super::turns::Turns;
use crate::model::{Event, Tables, Value, EXEC};
use crate::ops;

/// The clocks of all threads at the current place in the log.
pub struct Order<'a> {
    tables: &'a Tables,
    semaphore: Vec<bool>,
    queue: Vec<bool>,
    /// Pipes and pairs of sockets of the system, whose bytes do not say who wrote them.
    channel: [Vec<bool>; 2],
    /// Whether the release of a lock happens before the next acquire of it; else before those that
    /// can only come after it.
    lock_edges: bool,
    /// What is as little an order as a lock, where `lock_edges` is false.
    exclusion: Rc<Exclusion>,
    clocks: Vec<Clock>,
    links: Links,
    /// How many of `links` have been passed.
    passed: usize,
    /// The stamp and op of those that are still to be named, and how often.
    linked: FxHashMap<u64, (Stamp, u8, u32)>,
    started: FxHashMap<u32, Stamp>,
    ended: FxHashMap<u32, Stamp>,
    all_ended: Gathered,
    objects: FxHashMap<u32, Offers>,
    messages: Messages,
    handover: Handover,
    turns: Turns,
    /// Workers and the strands that their tasks have had (`tasks`).
    strands: Vec<(u32, u32)>,
}

fn kinds(tables: &Tables, word: &str) -> Vec<bool> {
    let named: Vec<bool> = tables
        .strings
        .iter()
        .map(|s| std::str::from_utf8(s).is_ok_and(|s| s.ends_with(word)))
        .collect();
    let of = |o: &crate::model::Object| {
        (o.kind as usize)
            .checked_sub(1)
            .and_then(|i| named.get(i))
            .copied()
            .unwrap_or(false)
    };
    tables.objects.iter().map(of).collect()
}

/// Whether the row of `object` has the mark; ids count from 1.
fn marked(marks: &[bool], object: u32) -> bool {
    (object as usize)
        .checked_sub(1)
        .and_then(|i| marks.get(i))
        .copied()
        .unwrap_or(false)
}

impl<'a> Order<'a> {
    /// Every edge.
    pub fn new(tables: &'a Tables, ahead: Ahead) -> Self {
        Order::with(tables, ahead, None)
    }

    /// Without the order in which threads came to what keeps them apart, locks and `exclusion`.
    pub fn without_turns(tables: &'a Tables, ahead: Ahead, exclusion: Rc<Exclusion>) -> Self {
        Order::with(tables, ahead, Some(exclusion))
    }

    fn with(tables: &'a Tables, ahead: Ahead, exclusion: Option<Rc<Exclusion>>) -> Self {
        let lock_edges = exclusion.is_none();
        let exclusion = exclusion.unwrap_or_default();
        Order {
            exclusion,
            tables,
            semaphore: kinds(tables, "Semaphore"),
            queue: kinds(tables, "Queue"),
            channel: ["Pipe", "SocketPair"].map(|kind| kinds(tables, kind)),
            lock_edges,
            clocks: Vec::new(),
            links: ahead.links,
            passed: 0,
            linked: FxHashMap::default(),
            started: FxHashMap::default(),
            ended: FxHashMap::default(),
            all_ended: Gathered::default(),
            objects: FxHashMap::default(),
            messages: Messages::default(),
            handover: Handover::new(ahead.passed_on),
            turns: Turns::default(),
            strands: Vec::new(),
        }
    }

    /// What `thread` knows of the others. Its own component is not kept up to date.
    pub fn clock(&mut self, thread: u32) -> &mut Clock {
        let i = thread as usize;
        if self.clocks.len() <= i {
            self.clocks.resize_with(i + 1, Clock::default);
        }
        &mut self.clocks[i]
    }

    pub fn stamp(&mut self, e: &Event) -> Stamp {
        Stamp {
            thread: e.thread,
            seq: e.seq,
            clock: self.clock(e.thread).clone(),
        }
    }

    /// Whether the event `seq` of `other` happened before what `thread` does now.
    pub fn knows(&mut self, thread: u32, other: u32, seq: u64) -> bool {
        thread == other || reached(self.clock(thread), other) >= seq
    }

    /// A task of `worker` has this strand.
    pub fn add_strand(&mut self, worker: u32, strand: u32) {
        if !self.strands.contains(&(worker, strand)) {
            self.strands.push((worker, strand));
        }
    }

    fn thread_of(&self, object: u32) -> u32 {
        (object as usize)
            .checked_sub(1)
            .and_then(|i| self.tables.objects.get(i))
            .map_or(0, |o| o.thread)
    }

    /// Take the next event of the log. `edge` is told of each edge into it that is worth drawing.
    pub fn step(&mut self, e: &Event, edge: &mut dyn FnMut(u64, &'static str)) {
        self.arrive(e, edge);
        self.offer(e);
    }

    /// What the event comes after.
    pub fn arrive(&mut self, e: &Event, edge: &mut dyn FnMut(u64, &'static str)) {
        use ops::outcome::{BROKEN, OK, RAISED};
        if e.op <= ops::ITERATE {
            if e.op == ops::UPDATE {
                self.hand_over(e, edge);
            }
            return;
        }
        let turn = match self.lock_edges {
            true => None,
            false => self.exclusion.turn(e),
        };
        if turn == Some(true) {
            self.take_turn(e);
            return;
        }
        let arrives = e.outcome == OK || e.outcome == BROKEN;
        match e.op {
            ops::BEGIN => {
                if let Some(start) = self.started.remove(&e.thread) {
                    start.publish(self.clock(e.thread));
                    edge(start.seq, "start");
                } else {
                    self.follow_link(e, edge);
                }
            }
            ops::JOIN if e.outcome == OK && marked(&self.queue, e.target) => {
                let done = self.objects.entry(e.target).or_default().tasks_done.clone();
                join(self.clock(e.thread), &done.clock);
                let from = if e.link != 0 { e.link } else { done.last };
                if from != 0 {
                    edge(from, "task_done");
                }
            }
            ops::JOIN if e.outcome == OK => self.after_end(e, "join", edge),
            ops::OBSERVE => self.observe(e, edge),
            ops::ACQUIRE if e.outcome == OK => {
                if marked(&self.semaphore, e.target) {
                    if !self.follow_link(e, edge) && e.value == Value::Bool(true) {
                        // One of several processes: any release may have let it in.
                        let all = self.objects.entry(e.target).or_default().releases.clone();
                        join(self.clock(e.thread), &all.clock);
                        if all.last != 0 {
                            edge(all.last, "semaphore");
                        }
                    }
                } else if self.lock_edges {
                    if let Some(s) = self.objects.get(&e.target).and_then(|o| o.released.clone()) {
                        s.publish(self.clock(e.thread));
                        edge(s.seq, "lock");
                    }
                } else {
                    self.take_turn(e);
                }
            }
            ops::WAIT if arrives => self.wait(e, edge),
            ops::IS_SET if e.value == Value::Bool(true) => {
                let sets = self.objects.entry(e.target).or_default().sets();
                join(self.clock(e.thread), &sets.clock);
                if sets.last != 0 {
                    edge(if e.link != 0 { e.link } else { sets.last }, "set");
                }
            }
            ops::GET if e.outcome == OK => self.get(e, edge),
            ops::RECV if e.outcome == OK => self.receive(e, edge),
            ops::RUN | ops::EXECUTE | ops::STEP => {
                self.follow_link(e, edge);
            }
            ops::RESULT | ops::CALLBACK | ops::POLL if e.outcome == OK || e.outcome == RAISED => {
                let told = e.op != ops::POLL || e.value == Value::Bool(true);
                if told && !self.follow_link(e, edge) {
                    self.use_result(e, edge);
                }
            }
            ops::GET | ops::PUT if e.outcome == RAISED => {
                let shutdown = self.objects.entry(e.target).or_default().shutdown.clone();
                join(self.clock(e.thread), &shutdown.clock);
            }
            _ => {}
        }
    }

    /// A thread takes a lock, or what keeps others out as one does: who released it before need not
    /// have come before in another run.
    fn take_turn(&mut self, e: &Event) {
        let mut clock = self.clock(e.thread).clone();
        self.turns.acquired(e.target, e.thread, e.seq, &mut clock);
        *self.clock(e.thread) = clock;
        if let Some((.., left)) = self.linked.get_mut(&e.link) {
            *left -= 1;
            if *left == 0 {
                self.linked.remove(&e.link);
            }
        }
    }

    /// An object goes from thread to thread through a container.
    fn hand_over(&mut self, e: &Event, edge: &mut dyn FnMut(u64, &'static str)) {
        let clock = self.clock(e.thread).clone();
        let stamp = || Stamp {
            thread: e.thread,
            seq: e.seq,
            clock,
        };
        if let Some(from) = self.handover.step(self.tables, e, stamp) {
            join(self.clock(e.thread), &from.clock);
            edge(from.last, "hand-over");
        }
    }

    /// Keep what later events may be ordered after.
    pub fn offer(&mut self, e: &Event) {
        if e.op <= ops::ITERATE {
            return;
        }
        let stamp = self.stamp(e);
        let mut named = false;
        while let Some((seq, count)) = self.links.get(self.passed).filter(|l| l.0 <= e.seq) {
            if *seq == e.seq {
                self.linked.insert(e.seq, (stamp.clone(), e.op, *count));
                named = true;
            }
            self.passed += 1;
        }
        if !self.lock_edges && self.exclusion.turn(e) == Some(false) {
            self.turns.released(e.target, stamp);
            return;
        }
        match e.op {
            ops::START => {
                let thread = self.thread_of(e.target);
                if thread != 0 {
                    self.started.insert(thread, stamp);
                }
            }
            ops::END => {
                self.all_ended.add(&stamp);
                self.ended.insert(e.thread, stamp);
            }
            ops::RELEASE if !marked(&self.semaphore, e.target) => match self.lock_edges {
                true => self.objects.entry(e.target).or_default().released = Some(stamp),
                false => self.turns.released(e.target, stamp),
            },
            ops::RELEASE if e.value == Value::Bool(true) => {
                self.objects
                    .entry(e.target)
                    .or_default()
                    .releases
                    .add(&stamp);
            }
            ops::SEND | ops::CLOSE if self.is_channel(e.target) => {
                self.objects.entry(e.target).or_default().sends.add(&stamp);
            }
            ops::SEND if e.outcome == ops::outcome::OK && !named => self.messages.send(e, stamp),
            ops::FINISH => self.messages.finish(e, &stamp),
            ops::PUT if e.outcome != ops::outcome::OK => {}
            op if Offers::has(op) => self.objects.entry(e.target).or_default().add(e, &stamp),
            _ => {}
        }
    }

    /// The edge from the linked event. False if there is no link, or it leads nowhere.
    fn follow_link(&mut self, e: &Event, edge: &mut dyn FnMut(u64, &'static str)) -> bool {
        let Some((stamp, op, left)) = self.linked.get_mut(&e.link) else {
            return false;
        };
        *left -= 1;
        let (stamp, op, left) = (stamp.clone(), *op, *left);
        if left == 0 {
            self.linked.remove(&e.link);
        }
        stamp.publish(self.clock(e.thread));
        let kind = match op {
            ops::RELEASE => "semaphore",
            ops::SET => "set",
            ops::NOTIFY => "notify",
            ops::PUT => "put-get",
            ops::SEND => "message",
            ops::SUBMIT => "submit",
            ops::CANCEL => "cancel",
            ops::CALL | ops::STEP => "call",
            ops::RETURN => "return",
            ops::TASK_DONE => "task_done",
            _ => "link",
        };
        edge(stamp.seq, kind);
        true
    }

    fn after_end(
        &mut self,
        e: &Event,
        kind: &'static str,
        edge: &mut dyn FnMut(u64, &'static str),
    ) {
        if let Some(end) = self.ended.get(&self.thread_of(e.target)).cloned() {
            if kind == "join" || !self.knows(e.thread, end.thread, end.seq) {
                edge(end.seq, kind);
            }
            end.publish(self.clock(e.thread));
        }
        self.after_process(e);
    }

    /// When a process is gone, all that its threads did is over, however they ended.
    fn after_process(&mut self, e: &Event) {
        let tables = self.tables;
        let row = |thread: u32| tables.threads.get((thread as usize).wrapping_sub(1));
        let Some(main) = row(self.thread_of(e.target)) else {
            return;
        };
        let process = tables
            .processes
            .get((main.process as usize).wrapping_sub(1));
        if main.process < 2 || process.is_none_or(|process| process.path != main.path) {
            return;
        }
        // It, and what it became.
        let mut gone = vec![main.process];
        for (i, process) in tables.processes.iter().enumerate() {
            if process.method == EXEC && gone.contains(&process.parent) {
                gone.push(i as u32 + 1);
            }
        }
        let of_threads = (1..=tables.threads.len() as u32).map(|thread| (thread, thread));
        let mut over: Vec<(u32, u32)> = of_threads.chain(self.strands.iter().copied()).collect();
        over.retain(|(thread, _)| gone.contains(&process_of(tables, *thread)));
        for (_, thread) in over {
            let over = Stamp {
                thread,
                seq: e.seq - 1,
                clock: self.clock(thread).clone(),
            };
            over.publish(self.clock(e.thread));
        }
    }

    /// A thread saw that another is gone, or how many are left: it knows of every end so far.
    fn observe(&mut self, e: &Event, edge: &mut dyn FnMut(u64, &'static str)) {
        match e.value {
            Value::Bool(true) => {}
            Value::Bool(false) if e.target != 0 => self.after_end(e, "observe", edge),
            _ => {
                let ended = self.all_ended.clock.clone();
                let before = self.clock(e.thread).clone();
                join(self.clock(e.thread), &ended);
                if !Rc::ptr_eq(&before, self.clock(e.thread)) {
                    for end in self.ended.values() {
                        if reached(&before, end.thread) < end.seq {
                            edge(end.seq, "observe");
                        }
                    }
                }
            }
        }
    }

    fn get(&mut self, e: &Event, edge: &mut dyn FnMut(u64, &'static str)) {
        if self.follow_link(e, edge) {
            return;
        }
        let puts = self.objects.entry(e.target).or_default().puts.clone();
        join(self.clock(e.thread), &puts.clock);
        if puts.last != 0 {
            edge(puts.last, "put-get");
        }
    }

    fn is_channel(&self, object: u32) -> bool {
        self.channel.iter().any(|kind| marked(kind, object))
    }

    fn receive(&mut self, e: &Event, edge: &mut dyn FnMut(u64, &'static str)) {
        if self.is_channel(e.target) {
            let sends = self.objects.entry(e.target).or_default().sends.clone();
            join(self.clock(e.thread), &sends.clock);
            if sends.last != 0 {
                edge(sends.last, "message");
            }
            return;
        }
        if self.follow_link(e, edge) {
            return;
        }
        // Bytes: the value is the other end of the pipe.
        let Value::Ref(_, other) = e.value else {
            return;
        };
        if let Some(stamp) = self.messages.oldest(other) {
            stamp.publish(self.clock(e.thread));
            edge(stamp.seq, "message");
        }
    }

    fn use_result(&mut self, e: &Event, edge: &mut dyn FnMut(u64, &'static str)) {
        let mut clock = self.clock(e.thread).clone();
        self.messages.use_result(e, &mut clock, edge);
        *self.clock(e.thread) = clock;
    }

    fn wait(&mut self, e: &Event, edge: &mut dyn FnMut(u64, &'static str)) {
        if self.follow_link(e, edge) {
            return;
        }
        self.use_result(e, edge);
        let object = self.objects.entry(e.target).or_default();
        if let Value::Int(number) = e.value {
            if let Some(known) = object.depart(number, edge) {
                join(self.clock(e.thread), &known);
                return;
            }
        }
        let (source, kind) = if object.notifies.is_empty() {
            (object.sets(), "set")
        } else {
            (object.notifies.clone(), "notify")
        };
        if source.last != 0 {
            join(self.clock(e.thread), &source.clock);
            edge(source.last, kind);
        }
    }
}
