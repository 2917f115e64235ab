from __future__ import annotations

import pickle
import signal
import subprocess
import sys
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


# Sends SIGALRM to its parent once that is blocked: it has slept through twenty looks.
ALARM = """
import os, signal, sys, time
sys.stdin.readline()
parent = os.getppid()
looks = []
while len(looks) < 20:
    with open(f"/proc/{parent}/status") as status:
        look = [line for line in status if line.startswith(("State:\tS", "voluntary_ctxt"))]
    looks = [*looks, look] if looks[-1:] in ([], [look]) and len(look) == 2 else []
    time.sleep(0.001)
os.kill(parent, signal.SIGALRM)
"""


def interrupted(record, wait):
    """The recording of a wait of the main thread that a signal handler's exception ends. What
    waits is given a function to call right before."""

    def handler(number, frame):
        raise Alarm

    alarm = subprocess.Popen([sys.executable, "-c", ALARM], stdin=subprocess.PIPE)
    old = signal.signal(signal.SIGALRM, handler)
    try:
        with record() as recording, pytest.raises(Alarm):
            wait(alarm.stdin.close)
    finally:
        alarm.kill()
        alarm.wait()
        signal.signal(signal.SIGALRM, old)
    return recording


def test_interrupted_waits_say_so(record):
    import queue

    def condition(about_to_wait):
        waiting = threading.Condition()
        with waiting:
            about_to_wait()
            waiting.wait()

    def join(about_to_wait):
        go = threading.Event()
        thread = threading.Thread(target=go.wait)
        thread.start()
        about_to_wait()
        try:
            thread.join()
        finally:
            go.set()
            thread.join()

    def at_once(wait):
        def begin(about_to_wait):
            about_to_wait()
            wait()

        return begin

    for wait, op, target in [
        (at_once(lambda: time.sleep(60)), "wake", None),
        (at_once(lambda: threading.Event().wait()), "wait", "Event"),
        (condition, "wait", "Condition"),
        (at_once(lambda: threading.Semaphore(0).acquire()), "acquire", "Semaphore"),
        (at_once(lambda: threading.Barrier(2).wait()), "wait", "Barrier"),
        (at_once(lambda: queue.Queue().get()), "get", "Queue"),
        (at_once(lambda: queue.SimpleQueue().get()), "get", "SimpleQueue"),
        (join, "join", "Thread"),
    ]:
        recording = interrupted(record, wait)
        outcomes = [e.outcome.label for e in recording.events(op, target=target)]
        assert outcomes[0] == "interrupted", (op, target)
