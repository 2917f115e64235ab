//! How far a run comes, event by event.

use super::*;
use crate::control::page::phase;
use crate::model::Event;
use crate::ops::{self, outcome};
use crate::replay::matching::{STRAYS, WINDOW};

/// Two threads, whose ops tell the events apart.
fn two_threads() -> Recording {
    let mut recording = Recording::of_threads(2);
    for (thread, op) in [
        (1, ops::SLEEP),
        (2, ops::OUTPUT),
        (1, ops::REQUEST),
        (2, ops::INPUT),
    ] {
        recording.event(thread, op, 0);
    }
    recording
}

#[test]
fn events_in_the_trace_s_order_bring_the_run_to_its_end() {
    let (mut run, mut progress, names) = (two_threads().run(), progress(0), Program::default());
    let mut slots = [slot(0), slot(1)];
    let order = [
        (0, ops::SLEEP),
        (1, ops::OUTPUT),
        (0, ops::REQUEST),
        (1, ops::INPUT),
    ];
    for (seq, (thread, op)) in (1..).zip(order) {
        progress.helped = 3;
        let how = run.made(&names, &mut progress, &mut slots[thread], &made(op, 0, seq));
        assert_eq!((how, progress.position, progress.helped), (None, seq, 0));
        assert_eq!(slots[thread].asked, op == ops::REQUEST);
    }
    assert_eq!((slots[0].next, slots[1].next), (NONE, NONE));
    assert_eq!(progress.matched(), 4);
    let more = made(ops::SLEEP, 0, 5);
    let how = run.made(&names, &mut progress, &mut slots[0], &more);
    assert_eq!(how, Some(phase::REPLAYED));
}

#[test]
fn an_event_of_another_thread_is_a_divergence() {
    let (mut run, mut progress, names) = (two_threads().run(), progress(0), Program::default());
    let early = made(ops::SLEEP, 0, 1);
    let how = run.made(&names, &mut progress, &mut slot(1), &early);
    assert_eq!((how, progress.position), (Some(phase::DIVERGED), 0));
}

/// Whether an event of the trace, changed like that, is the one that the program makes.
fn matches(change: impl FnOnce(&mut Event), made: &Made) -> bool {
    let mut recording = Recording::of_threads(1);
    change(recording.event(1, ops::WAIT, 0));
    let (mut run, mut progress) = (recording.run(), progress(0));
    let names = Program::default();
    let how = run.made(&names, &mut progress, &mut slot(0), made);
    assert_eq!(progress.position, u64::from(how.is_none()));
    how.is_none()
}

#[test]
fn all_of_an_event_is_compared() {
    let same = made(ops::WAIT, 0, 1);
    assert!(matches(|_| {}, &same));
    assert!(!matches(|event| event.op = ops::SLEEP, &same));
    assert!(!matches(|event| event.target = 1, &same));
    assert!(!matches(|event| event.site = 1, &same));
    assert!(!matches(|event| event.outcome = outcome::TIMED_OUT, &same));
    assert!(!matches(|event| event.flags = 1, &same));
    assert!(!matches(|event| event.value = Value::Int(1), &same));
    assert!(!matches(|event| event.link = 1, &same));
    let mut timed_out = same;
    timed_out.low = outcome::TIMED_OUT << 4 | 1;
    let with_both = |event: &mut Event| (event.outcome, event.flags) = (outcome::TIMED_OUT, 1);
    assert!(matches(with_both, &timed_out));
}

#[test]
fn the_site_of_another_s_event_is_not_compared() {
    let mut recording = Recording::of_threads(1);
    recording.event(1, ops::WAIT, 0).site = 1;
    let (mut run, names) = (recording.run(), Program::default());
    let mut acting = slot(0);
    acting.acts_for = 1;
    let same = made(ops::WAIT, 0, 1);
    assert_eq!(run.made(&names, &mut progress(0), &mut acting, &same), None);
}

/// A run that goes on, of one thread that makes so many SLEEPs and then an OUTPUT.
fn sleeps(count: u64) -> Run {
    let mut recording = Recording::of_threads(1);
    for _ in 0..count {
        recording.event(1, ops::SLEEP, 0);
    }
    recording.event(1, ops::OUTPUT, 0);
    recording.followed()
}

#[test]
fn a_run_that_goes_on_passes_over_what_is_not_done_again() {
    let (mut run, mut progress, names) = (sleeps(WINDOW - 1), following(), Program::default());
    let mut slot = slot(0);
    let output = made(ops::OUTPUT, 0, 1);
    assert_eq!(run.made(&names, &mut progress, &mut slot, &output), None);
    assert_eq!((progress.found, progress.strays, slot.next), (1, 0, NONE));
    assert_eq!(progress.matched(), 1);
}

#[test]
fn the_window_is_twice_as_wide_after_each_event_that_was_not_found() {
    let (mut run, mut progress, names) = (sleeps(WINDOW * 2), following(), Program::default());
    let mut slot = slot(0);
    let output = made(ops::OUTPUT, 0, 1);
    for strays in [1, 2] {
        assert_eq!(run.made(&names, &mut progress, &mut slot, &output), None);
        assert_eq!((progress.found, slot.next), (0, 0));
        assert_eq!((progress.strays, u64::from(slot.strays)), (strays, strays));
    }
    assert_eq!(run.made(&names, &mut progress, &mut slot, &output), None);
    assert_eq!((progress.found, slot.next), (1, NONE));
    assert_eq!((progress.strays, slot.strays), (0, 0));
}

#[test]
fn a_thread_is_looked_for_among_its_own_events() {
    let mut recording = Recording::of_threads(2);
    recording.event(2, ops::OUTPUT, 0);
    recording.event(1, ops::SLEEP, 0);
    recording.event(2, ops::SLEEP, 0);
    recording.event(1, ops::OUTPUT, 0);
    recording.event(1, ops::INPUT, 0);
    let (mut run, mut progress, names) = (recording.followed(), following(), Program::default());
    let mut slot = slot(1);
    let output = made(ops::OUTPUT, 0, 1);
    run.made(&names, &mut progress, &mut slot, &output);
    assert_eq!((progress.found, slot.next), (1, 4));
}

#[test]
fn a_run_that_goes_on_ends_after_very_many_events_of_its_own() {
    let (mut run, mut progress, names) = (sleeps(3), following(), Program::default());
    let mut slot = slot(0);
    let stray = made(ops::INPUT, 0, 1);
    progress.strays = STRAYS - 1;
    let mut made = |progress: &mut Progress| run.made(&names, progress, &mut slot, &stray);
    assert_eq!(made(&mut progress), None);
    assert_eq!(made(&mut progress), Some(phase::REPLAYED));
}

#[test]
fn the_longer_the_trace_the_more_events_of_its_own() {
    let (mut run, mut progress, names) = (sleeps(2 * STRAYS), following(), Program::default());
    progress.strays = STRAYS;
    let stray = made(ops::INPUT, 0, 1);
    assert_eq!(run.made(&names, &mut progress, &mut slot(0), &stray), None);
}
