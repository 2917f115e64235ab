use super::*;
use crate::ops;
use crate::replay::acting::{executes, give_back, has_made_all, lend, LENT};

/// Thread 1 calls, thread 2 executes that, and makes an event of thread 1 meanwhile.
fn call(meanwhile: u8) -> Script {
    let mut recording = Recording::of_threads(3);
    recording.event(1, ops::CALL, 0);
    recording.event(2, ops::EXECUTE, 0).link = 1;
    recording.event(1, meanwhile, 0);
    recording.event(2, ops::RETURN, 0);
    recording.event(3, ops::SLEEP, 0);
    recording.script()
}

#[test]
fn who_executes_a_call_serves_its_caller() {
    let (script, mut slot) = (call(ops::PUT), slot(1));
    executes(&script, &mut slot, 1);
    assert_eq!(slot.serves, 1);
    executes(&script, &mut slot, 99);
    assert_eq!(slot.serves, 0);
}

#[test]
fn an_execute_that_is_made_says_whom_the_thread_serves() {
    let mut run = Run::new(call(ops::PUT), false);
    let (names, mut progress) = (Program::default(), progress(0));
    let mut slots = [slot(0), slot(1)];
    run.made(&names, &mut progress, &mut slots[0], &made(ops::CALL, 0, 1));
    let execute = with_value(ops::EXECUTE, 0, 2, values::link(1));
    let how = run.made(&names, &mut progress, &mut slots[1], &execute);
    assert_eq!((how, slots[1].serves), (None, 1));
}

#[test]
fn who_acts_has_the_caller_s_next_event_and_gives_back_what_is_left() {
    let script = call(ops::PUT);
    let mut slots = slots(&[4, 2, 3]);
    slots[2].serves = 1;
    lend(&script, &mut slots, 2);
    assert_eq!((slots[1].next, slots[2].next), (LENT, 2));
    assert_eq!((slots[2].acts_for, slots[2].own_next), (2, 3));
    assert!(script.event(LENT).is_none());
    slots[2].next = script.after(2);
    give_back(&mut slots, 2);
    assert_eq!((slots[1].next, slots[2].next), (NONE, 3));
    // Again, it changes nothing.
    give_back(&mut slots, 2);
    assert_eq!((slots[1].next, slots[2].next), (NONE, 3));
}

#[test]
fn nobody_acts_for_a_thread_that_is_not_there() {
    let script = call(ops::PUT);
    let mut slots = slots(&[2, 3]);
    slots[1].serves = 1;
    slots[0].state.store(state::FREE, Ordering::SeqCst);
    lend(&script, &mut slots, 1);
    assert_eq!((slots[1].acts_for, slots[1].next), (0, 3));
    slots[0].state.store(state::READY, Ordering::SeqCst);
    slots[1].serves = 0;
    lend(&script, &mut slots, 1);
    assert_eq!((slots[1].acts_for, slots[1].next), (0, 3));
}

#[test]
fn a_slot_that_another_thread_has_by_now_keeps_its_event() {
    let script = call(ops::PUT);
    let mut slots = slots(&[2, 3]);
    slots[1].serves = 1;
    lend(&script, &mut slots, 1);
    slots[0].next = 4;
    give_back(&mut slots, 1);
    assert_eq!((slots[0].next, slots[1].next), (4, 3));
}

#[test]
fn a_thread_is_done_when_only_others_make_its_events() {
    for (meanwhile, done) in [(ops::PUT, true), (ops::RESULT, false)] {
        let script = call(meanwhile);
        let mut slots = slots(&[2, 3, NONE]);
        slots[1].serves = 1;
        lend(&script, &mut slots, 1);
        let is_done = |index: usize| has_made_all(&script, &slots, &slots[index]);
        assert_eq!((is_done(0), is_done(1), is_done(2)), (done, false, true));
    }
}
