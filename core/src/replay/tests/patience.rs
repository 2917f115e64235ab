use super::*;
use crate::ops;
use crate::replay::patience::{is_awaited, is_enough, limit};
use std::time::Duration;

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

fn at(times: &[(u32, u64)], controlled: bool) -> Script {
    let mut recording = Recording::of_threads(2);
    for &(thread, second) in times {
        recording.event(thread, ops::SLEEP, 0).t = second * 1_000_000_000;
    }
    Script::of(recording.tables, recording.events, controlled)
}

#[test]
fn what_took_long_is_waited_for_longer() {
    let script = at(&[(1, 0), (2, 1), (1, 3), (2, 9)], false);
    let wait = |nexts: &[u64]| limit(&script, nexts.iter().copied()).as_secs();
    // From its thread's event before: 3 s and 8 s; the longest counts.
    assert_eq!((wait(&[2]), wait(&[3]), wait(&[2, 3])), (40, 90, 90));
    // The first of its thread: from the event before.
    assert_eq!(wait(&[1]), 20);
    assert_eq!((wait(&[0]), wait(&[NONE]), wait(&[])), (10, 10, 10));
}

#[test]
fn times_that_are_made_up_say_nothing() {
    let script = at(&[(1, 0), (1, 1_000)], true);
    assert_eq!(limit(&script, [1].into_iter()), seconds(60));
}

#[test]
fn who_computes_is_given_time_for_that() {
    let is_enough =
        |idle, computed, idles| is_enough(seconds(10), seconds(idle), seconds(computed), idles);
    assert!(!is_enough(9, 9, true));
    assert!(is_enough(10, 0, true));
    assert!(!is_enough(10, 1, false));
    assert!(is_enough(10, 2, false));
}

#[test]
fn awaited_are_those_outside_and_whose_turn_it_is() {
    let awaited = |what, next| {
        let slot = slot(next);
        slot.state.store(what, Ordering::SeqCst);
        is_awaited(&slot, 5)
    };
    for what in [state::RUNNING, state::OUTSIDE] {
        assert!(awaited(what, 7) && awaited(what, 5));
    }
    for what in [
        state::READY,
        state::BLOCKED,
        state::CONTROLLING,
        state::UNBORN,
    ] {
        assert!(!awaited(what, 7) && awaited(what, 5));
    }
    assert!(!awaited(state::FREE, 5));
}
