"""What is asked of locks, semaphores and barriers."""

from __future__ import annotations

import multiprocessing
import sys
import threading

import pytest


def answers(recording, kind):
    return [event.value for event in recording.events("look") if event.object.kind == kind]


def test_of_a_lock(record):
    with record() as recording:
        lock = threading.Lock()
        seen = [lock.locked()]
        with lock:
            seen += [lock.locked(), lock.locked_lock()]
    assert seen == answers(recording, "Lock") == [False, True, True]


@pytest.mark.skipif(sys.version_info < (3, 14), reason="new in 3.14")
@pytest.mark.parametrize("kind", ["RLock", "Condition"])
def test_of_a_lock_that_may_be_held_twice(record, kind):
    with record() as recording:
        lock = getattr(threading, kind)()
        seen = [lock.locked()]
        with lock:
            seen.append(lock.locked())
    assert seen == answers(recording, "RLock") == [False, True]


@pytest.mark.skipif(sys.version_info < (3, 14), reason="new in 3.14")
@pytest.mark.parametrize("kind", ["Lock", "RLock"])
def test_of_a_lock_between_processes(record, kind):
    with record() as recording:
        lock = getattr(multiprocessing, kind)()
        seen = [lock.locked()]
        with lock:
            seen.append(lock.locked())
    assert seen == [e.value for e in recording.events("look")] == [False, True]


def test_of_a_barrier(record):
    with record() as recording:
        barrier = threading.Barrier(1)
        seen = [barrier.n_waiting]
    assert seen == answers(recording, "Barrier") == [0]


@pytest.mark.parametrize("kind", ["Semaphore", "BoundedSemaphore"])
def test_of_a_semaphore_between_processes(record, kind):
    with record() as recording:
        semaphore = getattr(multiprocessing, kind)(2)
        with semaphore:
            seen = [semaphore.get_value()]
    assert seen == answers(recording, kind) == [1]


def test_of_what_the_standard_library_keeps_for_itself_nothing_is_recorded(record):
    with record() as recording:
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()
        assert not thread._started._cond._lock.locked()
    assert not recording.events("look")
