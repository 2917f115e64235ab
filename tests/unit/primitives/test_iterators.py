"""Iterators that `threading` makes safe, since 3.15: what one thread does in `next` comes before
what another does there."""

from __future__ import annotations

import itertools
import sys
import threading

import pytest

pytestmark = pytest.mark.skipif(sys.version_info < (3, 15), reason="new in 3.15")


def consume(iterators):
    threads = [threading.Thread(target=next, args=(one,)) for one in iterators]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def held(recording):
    """The threads that take and let go of the one lock, in order."""
    events = recording.events("acquire", "release")
    assert len({event.object for event in events}) == 1
    return [event.thread.name for event in events]


@pytest.mark.parametrize("decorated", [False, True])
def test_a_serialized_iterator(record, decorated):
    with record() as recording:
        if decorated:
            shared = threading.synchronized_iterator(itertools.count)(1)
        else:
            shared = threading.serialize_iterator(itertools.count(1))
        consume([shared, shared])
    assert next(shared) == 3
    first, again, second, too = held(recording)
    assert first == again != second == too


def test_tees_of_one_iterator(record):
    with record() as recording:
        consume(threading.concurrent_tee(itertools.count(), 2))
    first, again, *_ = held(recording)
    assert first == again
