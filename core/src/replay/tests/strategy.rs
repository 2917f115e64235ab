use super::*;
use crate::control::page::{key, outward, reason};
use crate::control::strategies::{splitmix, Choice};
use crate::ops::{self, outcome};
use crate::replay::strategy::{Replay, PATIENCE};

fn pick(
    run: &Run,
    progress: &mut Progress,
    slots: &mut [Slot],
    current: Option<usize>,
) -> Option<usize> {
    pick_while(false, run, progress, slots, current)
}

/// `servers`: whether a server may still tell how a process ended.
fn pick_while(
    servers: bool,
    run: &Run,
    progress: &mut Progress,
    slots: &mut [Slot],
    current: Option<usize>,
) -> Option<usize> {
    let ready: Vec<usize> = (0..slots.len())
        .filter(|&index| slots[index].state.load(Ordering::SeqCst) == state::READY)
        .collect();
    let choice = Choice {
        slots,
        ready: &ready,
        current,
        chooser: None,
        nameless: 0,
        step: 1,
    };
    Replay::pick(run, progress, choice, || servers)
}

fn set(slot: &Slot, what: u32) {
    slot.state.store(what, Ordering::SeqCst);
}

/// Threads that make an event each, in the order of their ids.
fn one_each(threads: u32) -> Recording {
    let mut recording = Recording::of_threads(threads);
    for thread in 1..=threads {
        recording.event(thread, ops::SLEEP, 0);
    }
    recording
}

#[test]
fn any_order_is_made_again() {
    for seed in 0..50 {
        let mut random = seed;
        let order: Vec<u32> = (0..40)
            .map(|_| (splitmix(&mut random) % 4) as u32 + 1)
            .collect();
        let mut recording = Recording::of_threads(4);
        for &thread in &order {
            recording.event(thread, ops::SLEEP, 0);
        }
        let (mut run, mut progress) = (recording.run(), progress(0));
        let mut slots: Vec<Slot> = (1..=4)
            .map(|thread| slot(run.script.first(thread)))
            .collect();
        for slot in &mut slots {
            slot.op = ops::SLEEP.into();
        }
        let (mut again, mut current) = (Vec::new(), None);
        for seq in 1..=40 {
            let next = pick(&run, &mut progress, &mut slots, current).expect("somebody can go on");
            let sleep = made(ops::SLEEP, 0, seq);
            let how = run.made(&Program::default(), &mut progress, &mut slots[next], &sleep);
            assert_eq!(how, None);
            again.push(next as u32 + 1);
            current = Some(next);
        }
        assert_eq!(again, order);
    }
}

#[test]
fn a_blocked_thread_goes_only_if_its_wait_ended_without_what_it_waits_for() {
    for (how, goes) in [(outcome::OK, None), (outcome::TIMED_OUT, Some(0))] {
        let mut recording = Recording::of_threads(1);
        recording.request(1, 0, "get");
        recording.event(1, ops::GET, 0).outcome = how;
        let run = recording.run();
        let mut slots = slots(&[1]);
        // It has looked into the pipe in vain.
        (slots[0].op, slots[0].key, slots[0].tried) = (ops::GET.into(), key::IO, true);
        set(&slots[0], state::BLOCKED);
        assert_eq!(pick(&run, &mut progress(1), &mut slots, None), None);
        slots[0].deadline = 100;
        assert_eq!(pick(&run, &mut progress(1), &mut slots, None), goes);
    }
}

#[test]
fn a_thread_that_is_about_to_do_what_the_trace_does_not_know_helps_last() {
    let run = one_each(3).run();
    let mut slots = slots(&[0, 1, 2, NONE]);
    set(&slots[0], state::BLOCKED);
    slots[1].op = ops::SLEEP.into();
    let next = |slots: &mut [Slot]| pick(&run, &mut progress(0), slots, None);
    assert_eq!(next(&mut slots), Some(3), "it has made all its events");
    slots[3].op = ops::OUTPUT.into();
    assert_eq!(next(&mut slots), Some(2), "it has just begun");
    set(&slots[2], state::FREE);
    let waiting = pick_while(true, &run, &mut progress(0), &mut slots, None);
    assert_eq!(waiting, None, "what a server tells may do");
    assert_eq!(next(&mut slots), Some(3));
    set(&slots[3], state::FREE);
    assert_eq!(next(&mut slots), None);
}

#[test]
fn a_thread_that_has_just_begun_helps() {
    let run = one_each(3).run();
    let mut slots = slots(&[0, 1, 2]);
    set(&slots[0], state::BLOCKED);
    slots[1].op = ops::SLEEP.into();
    assert_eq!(pick(&run, &mut progress(0), &mut slots, None), Some(2));
    // One that waits for an answer of a lock is not let in before its turn.
    (slots[2].key, slots[2].asked) = (8, true);
    assert_eq!(pick(&run, &mut progress(0), &mut slots, None), None);
}

#[test]
fn who_has_started_a_thread_goes_first_when_that_has_begun() {
    let run = one_each(2).run();
    let mut slots = slots(&[0, 1]);
    (slots[1].starts, slots[1].key) = (true, 8);
    assert_eq!(pick(&run, &mut progress(0), &mut slots, None), Some(1));
    assert!(!slots[1].starts, "once");
    assert_eq!(pick(&run, &mut progress(0), &mut slots, None), Some(0));
}

#[test]
fn while_the_wanted_thread_is_outside_only_helpers_go() {
    let run = one_each(2).run();
    let mut slots = slots(&[0, 1, NONE]);
    set(&slots[0], state::OUTSIDE);
    slots[1].op = ops::SLEEP.into();
    assert_eq!(pick(&run, &mut progress(0), &mut slots, None), Some(2));
    set(&slots[2], state::FREE);
    assert_eq!(pick(&run, &mut progress(0), &mut slots, None), None);
}

#[test]
fn who_waits_for_a_pipe_looks_once() {
    let run = one_each(1).run();
    let mut slots = slots(&[0]);
    set(&slots[0], state::BLOCKED);
    slots[0].key = key::IO;
    assert_eq!(pick(&run, &mut progress(0), &mut slots, None), Some(0));
    assert_eq!((slots[0].offer, slots[0].tried), (reason::LOOK, true));
    assert_eq!(pick(&run, &mut progress(0), &mut slots, None), None);
}

#[test]
fn who_waited_for_programs_that_have_ended_looks_once_more() {
    let run = one_each(1).run();
    for from in [outward::OF_OTHERS, outward::LATE] {
        let mut slots = slots(&[0]);
        set(&slots[0], state::BLOCKED);
        (slots[0].key, slots[0].outward) = (key::IO, from);
        for _ in 0..2 {
            slots[0].offer = 0;
            assert_eq!(pick(&run, &mut progress(0), &mut slots, None), Some(0));
            assert_eq!(slots[0].offer, reason::LOOK);
            slots[0].tried = true;
        }
        assert_eq!(pick(&run, &mut progress(0), &mut slots, None), None);
    }
}

#[test]
fn a_reader_is_let_in_before_its_turn_once_for_who_waits_for_room() {
    let mut recording = Recording::of_threads(2);
    recording.event(1, ops::SEND, 0);
    recording.event(2, ops::RECV, 0);
    let run = recording.run();
    let mut slots = slots(&[0, 1]);
    set(&slots[0], state::BLOCKED);
    (slots[0].key, slots[0].tried) = (key::IO, true);
    slots[1].op = ops::RECV.into();
    assert_eq!(pick(&run, &mut progress(0), &mut slots, None), Some(1));
    assert_eq!(slots[1].early, 2);
    assert_eq!(pick(&run, &mut progress(0), &mut slots, None), None);
}

#[test]
fn patience_ends() {
    let run = one_each(1).run();
    let mut slots = slots(&[0]);
    let mut progress = progress(0);
    progress.helped = PATIENCE - 3;
    let picked: Vec<bool> = (0..4)
        .map(|_| pick(&run, &mut progress, &mut slots, None).is_some())
        .collect();
    assert_eq!(picked, [true, true, false, false]);
}

#[test]
fn a_run_that_goes_on_takes_whose_event_comes_first() {
    let run = one_each(3).followed();
    let mut slots = slots(&[2, 0, 1]);
    assert_eq!(pick(&run, &mut following(), &mut slots, None), Some(1));
    set(&slots[1], state::BLOCKED);
    assert_eq!(pick(&run, &mut following(), &mut slots, None), Some(2));
    // Of those that wait, whose time comes first.
    for (slot, deadline) in slots.iter_mut().zip([30, NEVER, 20]) {
        set(slot, state::BLOCKED);
        slot.deadline = deadline;
    }
    assert_eq!(pick(&run, &mut following(), &mut slots, None), Some(2));
}
