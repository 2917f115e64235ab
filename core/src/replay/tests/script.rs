use super::*;
use crate::fileformat::pack;
use crate::ops::{self, outcome};
use crate::record::uses;
use crate::replay::script::is_controlled;

#[test]
fn each_thread_has_its_own_order() {
    let mut recording = Recording::of_threads(3);
    for thread in [1, 2, 1, 2, 2] {
        recording.event(thread, ops::SLEEP, 0);
    }
    let script = recording.script();
    let order = |thread: u32| {
        let mut index = script.first(thread);
        let mut order = Vec::new();
        while script.event(index).is_some() {
            order.push(index);
            index = script.after(index);
        }
        assert_eq!(index, NONE);
        order
    };
    assert_eq!(order(script.thread("main")), [0, 2]);
    assert_eq!(order(script.thread("main.1")), [1, 3, 4]);
    assert_eq!(order(script.thread("main.2")), [0; 0]);
    assert_eq!(order(script.thread("main.3")), [0; 0]);
}

#[test]
fn events_are_found_by_their_numbers_where_some_are_missing() {
    let mut recording = Recording::of_threads(1);
    for seq in [1, 2, 5, 9] {
        recording.event(1, ops::SLEEP, 0).seq = seq;
    }
    let script = recording.script();
    let found: Vec<u64> = [1, 2, 5, 9].map(|seq| script.position(seq)).into();
    assert_eq!(found, [0, 1, 2, 3]);
}

#[test]
fn a_wait_ends_with_what_its_own_thread_asked_for() {
    let mut recording = Recording::of_threads(2);
    let (lock, other) = (recording.object("Lock", 1), recording.object("RLock", 1));
    recording.request(1, lock, "acquire");
    recording.event(2, ops::ACQUIRE, lock);
    recording.event(1, ops::ACQUIRE, other);
    recording.event(1, ops::RELEASE, lock);
    recording.event(1, ops::ACQUIRE, lock);
    recording.event(1, ops::SLEEP, 0);
    let script = recording.script();
    let awaits: Vec<bool> = (0..6).map(|index| script.awaits(index)).collect();
    assert_eq!(awaits, [false, false, true, true, true, false]);
    assert_eq!(script.end_of_wait(&slot(2)), script.event(4));
    // One that has not said that it waits: what comes next is all that is known.
    assert_eq!(script.end_of_wait(&slot(5)), script.event(5));
}

#[test]
fn a_wait_for_a_condition_has_that_for_its_lock_in_it() {
    let mut recording = Recording::of_threads(1);
    let condition = recording.object("Condition", 1);
    let lock = recording.object("Lock", 1);
    recording.request(1, condition, "wait");
    recording.event(1, ops::RELEASE, lock);
    recording.request(1, lock, "acquire");
    recording.event(1, ops::ACQUIRE, lock);
    recording.event(1, ops::WAIT, condition).outcome = outcome::TIMED_OUT;
    let script = recording.script();
    let end = |next| script.end_of_wait(&slot(next)).map(|event| event.op);
    assert_eq!([1, 2].map(end), [Some(ops::WAIT); 2]);
    assert_eq!(end(3), Some(ops::ACQUIRE));
    assert!(script.times_out(&slot(2)));
    assert!(!script.times_out(&slot(3)));
}

#[test]
fn a_request_on_no_object_is_answered_by_the_op_alone() {
    let mut recording = Recording::of_threads(1);
    let queue = recording.object("Queue", 1);
    recording.request(1, 0, "get");
    recording.event(1, ops::PUT, queue);
    recording.event(1, ops::GET, queue);
    let script = recording.script();
    assert_eq!(script.end_of_wait(&slot(1)), script.event(2));
}

/// So many requests in one another, of which the outermost is answered at last: whether that was still
/// known.
fn is_outermost_answered(depth: usize) -> bool {
    let mut recording = Recording::of_threads(1);
    let locks: Vec<u32> = (0..depth).map(|_| recording.object("Lock", 1)).collect();
    for &lock in &locks {
        recording.request(1, lock, "acquire");
    }
    recording.event(1, ops::ACQUIRE, locks[0]);
    recording.script().awaits(1)
}

#[test]
fn requests_that_are_never_answered_are_forgotten_in_time() {
    assert!(is_outermost_answered(8));
    assert!(!is_outermost_answered(9));
}

#[test]
fn an_answer_ends_the_requests_in_it_that_had_none() {
    let mut recording = Recording::of_threads(1);
    let (outer, inner) = (recording.object("Event", 1), recording.object("Lock", 1));
    recording.request(1, outer, "wait");
    recording.request(1, inner, "acquire");
    recording.event(1, ops::WAIT, outer);
    recording.event(1, ops::SLEEP, 0);
    recording.event(1, ops::ACQUIRE, inner);
    let script = recording.script();
    assert_eq!(script.end_of_wait(&slot(2)), script.event(2));
    assert!(!script.awaits(3));
}

#[test]
fn how_waits_end() {
    type Ends = (bool, bool);
    let cases: [(u8, u8, Value, Ends); 7] = [
        (ops::ACQUIRE, outcome::OK, Value::Absent, (false, false)),
        (ops::GET, outcome::TIMED_OUT, Value::Absent, (true, false)),
        (
            ops::ACQUIRE,
            outcome::INTERRUPTED,
            Value::Absent,
            (false, true),
        ),
        (ops::WAKE, outcome::OK, Value::Absent, (true, false)),
        (ops::POLL, outcome::OK, Value::Bool(false), (true, false)),
        (ops::POLL, outcome::OK, Value::Bool(true), (false, false)),
        (ops::IS_SET, outcome::OK, Value::Bool(false), (false, false)),
    ];
    for (op, outcome, value, expected) in cases {
        let mut recording = Recording::of_threads(1);
        let event = recording.event(1, op, 0);
        (event.outcome, event.value) = (outcome, value);
        let script = recording.script();
        let ends = (script.times_out(&slot(0)), script.is_interrupted(&slot(0)));
        assert_eq!(ends, expected, "op {op}, outcome {outcome}, {value:?}");
    }
    let script = Recording::of_threads(1).script();
    assert!(!script.times_out(&slot(NONE)) && !script.is_interrupted(&slot(NONE)));
}

#[test]
fn handlers_of_signals_are_steps_on_the_object_for_that() {
    let mut recording = Recording::of_threads(1);
    let signal = recording.object(uses::KIND, 1);
    let label = recording.string(uses::SIGNAL);
    recording.tables.objects[0].label = label;
    let other = recording.object(uses::KIND, 1);
    recording.event(1, ops::STEP, signal).value = Value::Int(15);
    recording.event(1, ops::STEP, other).value = Value::Int(15);
    recording.event(1, ops::PUT, signal).value = Value::Int(15);
    recording.event(1, ops::STEP, signal).value = Value::Bool(true);
    let script = recording.script();
    let signals: Vec<i32> = (0..5).map(|index| script.signal(index)).collect();
    assert_eq!(signals, [15, 0, 0, 0, 0]);
}

#[test]
fn what_is_known_of_a_thread_is_its_own_and_its_process_s() {
    let mut recording = Recording::of_threads(2);
    let tables = &mut recording.tables;
    (tables.processes[0].pid, tables.processes[0].exit_status) = (4711, Some(-9));
    (tables.threads[1].ident, tables.threads[1].native_id) = (77, 78);
    let script = recording.script();
    assert_eq!((script.pid(1), script.pid(3)), (4711, 0));
    assert_eq!(
        (script.exit_status(2), script.exit_status(3)),
        (Some(-9), None)
    );
    assert_eq!((script.idents(2), script.idents(3)), ((77, 78), (0, 0)));
}

#[test]
fn numbers_that_were_made_up_are_counted() {
    let mut recording = Recording::of_threads(2);
    recording.tables.threads[0].native_id = 4711;
    assert_eq!(recording.script().made_up(), 0);
    let mut recording = Recording::of_threads(2);
    recording.tables.threads[1].native_id = 5_000_007;
    recording.tables.processes[0].pid = 5_000_009;
    assert_eq!(recording.script().made_up(), 9);
}

#[test]
fn pids_that_only_count_are_none() {
    let mut recording = Recording::of_threads(1);
    recording.tables.processes.push(Process::default());
    for (row, pid) in recording.tables.processes.iter_mut().zip(1..) {
        row.pid = pid;
    }
    assert_eq!(recording.script().pid(1), 0);
}

#[test]
fn a_run_under_control_is_known_by_its_header() {
    let header = |key: &str| {
        let mut header = Vec::new();
        pack::put_map(&mut header, 2);
        pack::put_str(&mut header, "version");
        pack::put_int(&mut header, 1);
        pack::put_str(&mut header, key);
        pack::put_map(&mut header, 0);
        header
    };
    assert!(is_controlled(&header("control")).expect("it is a map"));
    assert!(!is_controlled(&header("command")).expect("it is a map"));
    assert!(is_controlled(b"\xc0").is_err());
}
