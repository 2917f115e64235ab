from __future__ import annotations

import threading

import pytest


def test_every_arrival_of_a_generation_is_before_its_departures(record):
    def work():
        for _ in range(5):
            barrier.wait()

    with record() as recording:
        barrier = threading.Barrier(4)
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for generation in range(5):
        arrivals = [e.seq for e in recording.events("arrive") if e.value == generation]
        departures = [e.seq for e in recording.events("wait") if e.value == generation]
        assert len(arrivals) == len(departures) == 4
        assert max(arrivals) < min(departures)


def test_the_action_is_after_all_arrivals_and_before_other_departures(record):
    with record() as recording:
        acted = threading.Event()
        barrier = threading.Barrier(2, action=acted.set)
        thread = threading.Thread(target=barrier.wait)
        thread.start()
        barrier.wait()
        thread.join()
    (action,) = recording.events("set")
    mine = [e.op.label for e in recording.events() if e.thread is action.thread]
    place = mine.index("set")
    assert mine[place - 2 : place + 3] == ["arrive", "wait", "set", "arrive", "wait"]
    other = next(e for e in recording.events("wait") if e.thread is not action.thread)
    assert action.seq < other.seq


def test_a_barrier_breaks(record):
    def work():
        with pytest.raises(threading.BrokenBarrierError):
            barrier.wait()

    with record() as recording:
        barrier = threading.Barrier(3)
        thread = threading.Thread(target=work)
        thread.start()
        with pytest.raises(threading.BrokenBarrierError):
            barrier.wait(0.05)
        thread.join()
        barrier.reset()
        barrier.abort()
        with pytest.raises(threading.BrokenBarrierError):
            barrier.wait()
    outcomes = {(e.thread.path, e.outcome.label) for e in recording.events("wait")}
    assert outcomes == {("main", "timed_out"), ("main.1", "broken"), ("main", "broken")}
    assert [e.op.label for e in recording.events("reset", "abort")] == ["reset", "abort"]


def test_an_action_that_raises(record):
    with record() as recording:
        barrier = threading.Barrier(1, action=lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            barrier.wait()
    assert recording.events("wait")[-1].outcome.label == "raised"
