from __future__ import annotations

import threading

import pytest


def woken_by(condition, waiters):
    """Notifies one waiter after another, and then none."""
    for _ in range(waiters):
        with condition:
            condition.notify()
    with condition:
        condition.notify_all()


@pytest.mark.parametrize("make", [lambda: None, threading.Lock, threading.RLock])
def test_a_notify_is_linked_to_the_wait_it_woke(record, make):
    def work():
        with condition:
            waiting.release()
            condition.wait()

    with record() as recording:
        condition = threading.Condition(make())
        waiting = threading.Semaphore(0)
        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for _ in threads:
            waiting.acquire()
        woken_by(condition, 3)
        for thread in threads:
            thread.join()
    notifies = recording.events("notify")
    assert [event.value for event in notifies] == [1, 1, 1, 0]
    waits = recording.events("wait")
    assert {recording.linked(wait) for wait in waits} == set(notifies[:3])


def test_the_lock_is_released_and_acquired_around_the_wait(record):
    with record() as recording:
        condition = threading.Condition()
        with condition, condition:
            assert not condition.wait(0.001)
    kind = "RLock"
    assert recording.rows() == [
        *[row for row in recording.rows() if row[1] == "begin"],
        ("main", "acquire", kind, "ok", 1),
        ("main", "acquire", kind, "ok", 2),
        ("main", "request", "Condition", "bounded", "wait"),
        ("main", "release", kind, "ok", 0),
        ("main", "acquire", kind, "ok", 2),
        ("main", "wait", "Condition", "timed_out", None),
        ("main", "release", kind, "ok", 1),
        ("main", "release", kind, "ok", 0),
    ]


def test_asking_a_plain_lock_who_holds_it_is_no_event(record):
    with record() as recording:
        condition = threading.Condition(threading.Lock())
        with condition:
            condition.notify()
    assert [e.op.label for e in recording.events()] == ["begin", "acquire", "notify", "release"]


def test_wait_for_is_as_many_waits_as_it_takes(record):
    with record() as recording:
        condition = threading.Condition()
        with condition:
            assert not condition.wait_for(lambda: False, 0.001)
    assert recording.rows("wait", "request") == [
        ("main", "request", "Condition", "bounded", "wait"),
        ("main", "wait", "Condition", "timed_out", None),
    ]


def test_errors_are_cpythons_and_leave_no_event(record):
    with record() as recording:
        condition = threading.Condition()
        with pytest.raises(RuntimeError, match="cannot wait on un-acquired lock"):
            condition.wait()
        with pytest.raises(RuntimeError, match="cannot notify on un-acquired lock"):
            condition.notify()
    assert recording.events(target="Condition") == []


def test_a_lock_of_the_programs_own_making(record):
    class Mutex:
        def __init__(self):
            self.lock = threading.Lock()
            self.acquire = self.lock.acquire
            self.release = self.lock.release
            self.locked = self.lock.locked  # which a Condition takes over from 3.14 on

        def __enter__(self):
            return self.lock.__enter__()

        def __exit__(self, *args):
            return self.lock.__exit__(*args)

    with record() as recording:
        condition = threading.Condition(Mutex())
        with condition:
            assert not condition.wait(0.001)
        with pytest.raises(RuntimeError):
            condition.notify()
    assert [e.outcome.label for e in recording.events("wait")] == ["timed_out"]
