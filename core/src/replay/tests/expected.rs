//! What the trace says to those who ask before they act.

use super::*;
use crate::model::Event;
use crate::ops::{self, outcome};
use crate::record::gate::{Answer, Known, Next};
use crate::record::uses;

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

const ABSENT: Known<'static> = Known {
    value: Value::Absent,
    text: b"",
};

/// An object that the thread has made as its n-th of the kind.
fn nth(kind: &'static str, index: u32) -> MadeObject {
    MadeObject {
        kind,
        thread: 1,
        path: Some("main"),
        index,
        ..MadeObject::default()
    }
}

#[test]
fn what_an_operation_comes_to_is_told_in_its_turn() {
    let cases = [
        (ops::ACQUIRE, outcome::OK, Answer::Is(ABSENT)),
        (ops::REQUEST, outcome::OK, Answer::Wait),
        (
            ops::ACQUIRE,
            outcome::TIMED_OUT,
            Answer::Fails(outcome::TIMED_OUT),
        ),
        (
            ops::ACQUIRE,
            outcome::WOULD_BLOCK,
            Answer::Fails(outcome::WOULD_BLOCK),
        ),
        (ops::ACQUIRE, outcome::RAISED, Answer::Is(ABSENT)),
        (ops::GET, outcome::TIMED_OUT, Answer::Go),
    ];
    let mut names = Program::default();
    let lock = names.add_object(nth("Lock", 1));
    let other = names.add_object(nth("Lock", 2));
    for (op, outcome, expected) in cases {
        let mut recording = Recording::of_threads(1);
        let there = recording.object("Lock", 1);
        recording.event(1, op, there).outcome = outcome;
        let mut run = recording.run();
        let mut is_told = |position, lock, expected| {
            let answer = run.answer(&names, &progress(position), &slot(0), ops::ACQUIRE, lock);
            assert_eq!(answer, expected, "op {op}, outcome {outcome}");
        };
        is_told(0, lock, expected);
        is_told(0, 0, expected);
        is_told(0, other, Answer::Go);
        is_told(1, lock, Answer::Go);
    }
}

#[test]
fn an_input_is_told_with_its_text() {
    let mut recording = Recording::of_threads(1);
    let text = recording.string("noon");
    recording.event(1, ops::INPUT, 0).value = Value::Str(text);
    let mut run = recording.run();
    let names = Program::default();
    let answer = run.answer(&names, &progress(0), &slot(0), ops::INPUT, 0);
    assert_eq!(answer.known().map(|known| known.text), Some(&b"noon"[..]));
}

#[test]
fn who_has_to_wait_is_told_or_looks() {
    assert_eq!(Answer::Wait.has_to_wait(), Some(true));
    assert_eq!(Answer::Go.has_to_wait(), None);
    for answer in [Answer::Is(ABSENT), Answer::Fails(outcome::TIMED_OUT)] {
        assert_eq!(answer.has_to_wait(), Some(false));
    }
    assert_eq!(Answer::Is(ABSENT).known(), None, "it was not kept");
}

#[test]
fn a_queue_is_full_for_who_puts_something_in() {
    let full = before(ops::PUT, |event| event.outcome = outcome::WOULD_BLOCK);
    let not = before(ops::PUT, |_| {});
    let mut slot = slot(0);
    for (op, puts) in [(ops::PUT, true), (ops::START, true), (ops::GET, false)] {
        slot.op = op.into();
        let finds = |run: &Run| {
            let answer = run.answer_within(&progress(1), &slot, ops::PUT, false);
            answer == Answer::Fails(outcome::WOULD_BLOCK)
        };
        assert_eq!(finds(&full), puts);
        assert!(!finds(&not));
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
        let told =
            |progress: Progress, next| run.answer_within(&progress, &slot(next), ops::WAIT, false);
        assert_eq!(told(progress(0), 0), Answer::Go, "it has not asked yet");
        let expected = if waits { Answer::Wait } else { Answer::Go };
        assert_eq!(told(progress(0), 1), expected);
        assert_eq!(told(following(), 1), Answer::Go);
    }
}

#[test]
fn a_wait_times_out_in_its_turn() {
    let late = before(ops::WAIT, |event| event.outcome = outcome::TIMED_OUT);
    let told = |run: &Run, position, waited| {
        let answer = run.answer_within(&progress(position), &slot(0), ops::WAIT, waited);
        answer == Answer::Fails(outcome::TIMED_OUT)
    };
    assert!(told(&late, 0, true));
    assert!(!told(&late, 0, false), "it has not waited");
    assert!(!told(&late, 1, true), "not its turn");
    assert!(!told(&before(ops::WAIT, |_| {}), 0, true));
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
fn what_comes_next_is_known_before_its_turn() {
    let event = |mut recording: Recording| {
        let queue = recording.object("Queue", 1);
        recording.event(1, ops::QSIZE, queue).value = Value::Int(7);
        recording
    };
    let mut names = Program::default();
    let here = names.add_object(nth("Queue", 1));
    let other = names.add_object(nth("Queue", 1));
    let mut run = event(Recording::of_threads(1)).run();
    let mut next = |progress: Progress, op, object| {
        let next = run.next(&names, &progress, &slot(0), op, object);
        (next.is_this(), next.count(), next == Next::Unknown)
    };
    for position in [0, 1] {
        let at = || progress(position);
        assert_eq!(next(at(), ops::QSIZE, here), (true, Some(7), false));
        assert_eq!(next(at(), ops::FULL, here), (false, None, false));
        assert_eq!(next(at(), ops::QSIZE, other), (false, None, false));
    }
    // Where the run may do something else it is known only if it is this.
    assert_eq!(next(following(), ops::QSIZE, here), (true, Some(7), false));
    assert_eq!(next(following(), ops::FULL, here), (false, None, true));
}

#[test]
fn where_nothing_is_known_one_looks() {
    assert!(Next::Unknown.is_this_or(|| true) && !Next::Unknown.is_this_or(|| false));
    assert!(Next::This(ABSENT).is_this_or(|| false) && !Next::Other.is_this_or(|| true));
}
