from __future__ import annotations

import pickle
import signal
import threading
import time

import pytest


def test_a_sleep_and_its_end(record):
    with record() as recording:
        time.sleep(0.001)
        time.sleep(0)
    rows = recording.rows("sleep", "wake")
    assert [(row[1], row[4]) for row in rows] == [
        ("sleep", 0.001),
        ("wake", None),
        ("sleep", 0.0),
        ("wake", None),
    ]
    asleep, awake = recording.events("sleep", "wake")[:2]
    assert awake.t - asleep.t >= 1_000_000


def test_sleep_is_still_cpythons(record):
    sleep = time.sleep
    with record() as recording:
        assert time.sleep is sleep
        assert pickle.loads(pickle.dumps(time.sleep)) is sleep
        with pytest.raises(ValueError, match="non-negative"):
            time.sleep(-1)
        with pytest.raises(TypeError):
            time.sleep("1")
    assert [e.outcome.label for e in recording.events("wake")] == ["raised", "raised"]


class Alarm(KeyboardInterrupt):
    pass


def interrupted(record, wait):
    """The recording of a wait of the main thread that a signal handler's exception ends."""

    def handler(number, frame):
        raise Alarm

    old = signal.signal(signal.SIGALRM, handler)
    try:
        with record() as recording:
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            with pytest.raises(Alarm):
                wait()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
    return recording


def test_interrupted_waits_say_so(record):
    import queue

    def condition():
        with threading.Condition() as _:
            pass
        waiting = threading.Condition()
        with waiting:
            waiting.wait()

    def join():
        go = threading.Event()
        thread = threading.Thread(target=go.wait)
        thread.start()
        try:
            thread.join()
        finally:
            go.set()
            thread.join()

    for wait, op, target in [
        (lambda: time.sleep(10), "wake", None),
        (lambda: threading.Event().wait(), "wait", "Event"),
        (condition, "wait", "Condition"),
        (lambda: threading.Semaphore(0).acquire(), "acquire", "Semaphore"),
        (lambda: threading.Barrier(2).wait(), "wait", "Barrier"),
        (lambda: queue.Queue().get(), "get", "Queue"),
        (lambda: queue.SimpleQueue().get(), "get", "SimpleQueue"),
        (join, "join", "Thread"),
    ]:
        recording = interrupted(record, wait)
        outcomes = [e.outcome.label for e in recording.events(op, target=target)]
        assert outcomes[0] == "interrupted", (op, target)
