//! What the trace says to those who ask before they act.

use super::*;
use crate::model::Event;
use crate::ops::{self, outcome};
use crate::record::uses;
use crate::replay::matching::Attempt;

/// A run of one event, before which the program stands.
fn before(op: u8, change: impl FnOnce(&mut Event)) -> Run {
    let mut recording = Recording::of_threads(1);
    change(recording.event(1, op, 0));
    recording.run()
}

#[test]
fn an_event_is_due_in_its_turn_or_when_the_run_goes_on() {
    let mut recording = Recording::of_threads(2);
    recording.event(1, ops::SLEEP, 0);
    recording.event(2, ops::SLEEP, 0);
    let run = recording.run();
    let due = |progress: &Progress, next| run.due(progress, &slot(next)).map(|event| event.thread);
    assert_eq!(
        [0, 1, NONE].map(|next| due(&progress(0), next)),
        [Some(1), None, None]
    );
    assert_eq!(
        [0, 1, NONE].map(|next| due(&following(), next)),
        [Some(1), Some(2), None]
    );
}

#[test]
fn attempts_on_a_lock_end_as_in_the_trace() {
    let ok = outcome::OK;
    let cases = [
        (ops::ACQUIRE, ok, Attempt::Unknown),
        (ops::REQUEST, ok, Attempt::Waits),
        (
            ops::ACQUIRE,
            outcome::TIMED_OUT,
            Attempt::Fails(outcome::TIMED_OUT),
        ),
        (
            ops::ACQUIRE,
            outcome::WOULD_BLOCK,
            Attempt::Fails(outcome::WOULD_BLOCK),
        ),
        (ops::ACQUIRE, outcome::RAISED, Attempt::Unknown),
        (ops::GET, outcome::TIMED_OUT, Attempt::Unknown),
    ];
    let mut names = Program::default();
    let lock = MadeObject {
        kind: "Lock",
        thread: 1,
        path: Some("main"),
        index: 1,
        ..MadeObject::default()
    };
    let (lock, other) = (
        names.add_object(lock),
        names.add_object(MadeObject { index: 2, ..lock }),
    );
    for (op, outcome, expected) in cases {
        let mut recording = Recording::of_threads(1);
        let there = recording.object("Lock", 1);
        recording.event(1, op, there).outcome = outcome;
        let mut run = recording.run();
        let mut attempt = |position, lock| run.attempt(&names, &progress(position), &slot(0), lock);
        assert_eq!(attempt(0, lock), expected, "op {op}, outcome {outcome}");
        assert_eq!(attempt(0, other), Attempt::Unknown, "another lock");
        assert_eq!(attempt(1, lock), Attempt::Unknown, "not its turn");
    }
}

#[test]
fn refusals_are_expected_of_their_op_alone() {
    for (outcome, refused) in [
        (outcome::OK, false),
        (outcome::TIMED_OUT, true),
        (outcome::WOULD_BLOCK, true),
        (outcome::INTERRUPTED, false),
    ] {
        let run = before(ops::GET, |event| event.outcome = outcome);
        let expects = |position, op| run.expects_refusal(&progress(position), &slot(0), op);
        assert_eq!(expects(0, ops::GET), refused);
        assert!(!expects(0, ops::PUT) && !expects(1, ops::GET));
    }
}

#[test]
fn a_queue_is_full_for_who_puts_something_in() {
    let full = before(ops::PUT, |event| event.outcome = outcome::WOULD_BLOCK);
    let not = before(ops::PUT, |_| {});
    let mut slot = slot(0);
    for (op, puts) in [(ops::PUT, true), (ops::START, true), (ops::GET, false)] {
        slot.op = op.into();
        assert_eq!(full.finds_full(&slot), puts);
        assert!(!not.finds_full(&slot));
    }
}

#[test]
fn that_nothing_is_in_a_pipe_may_be_told_before_its_turn() {
    let none = Value::Absent;
    let cases = [
        (ops::POLL, outcome::OK, Value::Bool(true), Some(true)),
        (ops::POLL, outcome::OK, Value::Bool(false), Some(false)),
        (ops::EMPTY, outcome::OK, Value::Bool(true), Some(false)),
        (ops::EMPTY, outcome::OK, Value::Bool(false), Some(true)),
        (ops::GET, outcome::OK, none, Some(true)),
        (ops::GET, outcome::TIMED_OUT, none, Some(false)),
        (ops::GET, outcome::RAISED, none, None),
        (ops::JOIN, outcome::WOULD_BLOCK, none, Some(false)),
        (ops::JOIN, outcome::OK, none, None),
        (ops::PUT, outcome::TIMED_OUT, none, None),
    ];
    for (op, outcome, value, expected) in cases {
        let run = before(op, |event| (event.outcome, event.value) = (outcome, value));
        let finds = |position| run.finds_data(&progress(position), &slot(0));
        assert_eq!(finds(0), expected, "op {op}, outcome {outcome}, {value:?}");
        assert_eq!(finds(1), expected.filter(|&found| !found), "not its turn");
    }
}

#[test]
fn who_waits_for_a_condition_waits_for_its_turn_and_who_joins_does_not() {
    for (answer, waits) in [("wait", true), ("join", false)] {
        let mut recording = Recording::of_threads(1);
        recording.request(1, 0, answer);
        recording.event(1, if waits { ops::WAIT } else { ops::JOIN }, 0);
        let run = recording.run();
        assert!(!run.waits_for_turn(&slot(0)), "it has not asked yet");
        assert_eq!(run.waits_for_turn(&slot(1)), waits);
    }
}

#[test]
fn a_wait_times_out_in_its_turn() {
    let run = before(ops::WAIT, |event| event.outcome = outcome::TIMED_OUT);
    assert!(run.times_out(&progress(0), &slot(0)));
    assert!(!run.times_out(&progress(1), &slot(0)));
    assert!(!before(ops::WAIT, |_| {}).times_out(&progress(0), &slot(0)));
}

#[test]
fn a_wait_is_given_up_if_it_has_a_deadline_and_timed_out() {
    let run = before(ops::WAIT, |event| event.outcome = outcome::TIMED_OUT);
    let mut slot = slot(0);
    assert!(!run.gives_up(&progress(0), &slot), "it has none");
    slot.deadline = 5;
    assert!(run.gives_up(&progress(0), &slot));
    assert!(!before(ops::WAIT, |_| {}).gives_up(&progress(0), &slot));
}

#[test]
fn an_interruption_comes_once() {
    let run = before(ops::WAIT, |event| event.outcome = outcome::INTERRUPTED);
    let mut progress = progress(0);
    assert!(run.gives_up(&progress, &slot(0)));
    progress.interrupted = 1;
    assert!(!run.is_interrupted(&progress, &slot(0)));
}

#[test]
fn a_handler_that_comes_next_interrupts() {
    let mut recording = Recording::of_threads(1);
    let signal = recording.object(uses::KIND, 1);
    recording.tables.objects[0].label = recording.string(uses::SIGNAL);
    recording.event(1, ops::STEP, signal).value = Value::Int(2);
    let run = recording.run();
    let mut progress = progress(0);
    progress.interrupted = 1;
    assert!(run.is_interrupted(&progress, &slot(0)));
}

#[test]
fn a_link_is_to_the_number_that_the_event_has_here() {
    let mut recording = Recording::of_threads(1);
    recording.event(1, ops::SLEEP, 0);
    recording.event(1, ops::SLEEP, 0);
    recording.event(1, ops::JOIN, 0).link = 1;
    let mut run = recording.run();
    let (mut progress, mut slot) = (progress(0), slot(0));
    for seq in [101, 102] {
        assert_eq!(run.link(&progress, &slot), 0);
        let made = made(ops::SLEEP, 0, seq);
        assert_eq!(
            run.made(&Program::default(), &mut progress, &mut slot, &made),
            None
        );
    }
    assert_eq!(run.link(&progress, &slot), 101);
    progress.position = 0;
    assert_eq!(run.link(&progress, &slot), 0, "not its turn");
}

#[test]
fn counts_that_come_are_of_the_object_and_before_their_turn() {
    let mut recording = Recording::of_threads(1);
    let queue = recording.object("Queue", 1);
    recording.event(1, ops::QSIZE, queue).value = Value::Int(7);
    let mut run = recording.run();
    let mut names = Program::default();
    let here = MadeObject {
        kind: "Queue",
        path: Some("main"),
        thread: 1,
        index: 1,
        ..MadeObject::default()
    };
    let (here, other) = (names.add_object(here), names.add_object(here));
    let slot = slot(0);
    assert_eq!(run.count_to_come(&names, &slot, ops::QSIZE, here), 7);
    assert_eq!(run.count_to_come(&names, &slot, ops::FULL, here), 0);
    assert_eq!(run.count_to_come(&names, &slot, ops::QSIZE, other), 0);
    assert!(run.comes(&names, &slot, ops::QSIZE, here));
    assert!(!run.comes(&names, &slot, ops::QSIZE, other));
}
