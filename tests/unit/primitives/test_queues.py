from __future__ import annotations

import queue
import sys
import threading

import pytest


@pytest.mark.parametrize(
    "kind", [queue.Queue, queue.LifoQueue, queue.PriorityQueue, queue.SimpleQueue]
)
def test_each_item_goes_from_its_put_to_its_get(record, kind):
    def produce(start):
        for number in range(start, start + 50):
            items.put(number)

    with record() as recording:
        items = queue.SimpleQueue() if kind.__name__ == "SimpleQueue" else kind()
        threads = [threading.Thread(target=produce, args=(n * 1000,)) for n in range(3)]
        for thread in threads:
            thread.start()
        taken = [items.get() for _ in range(150)]
        for thread in threads:
            thread.join()
    gets = recording.events("get")
    assert [recording.linked(get).value for get in gets] == taken
    assert len({get.link for get in gets}) == 150


@pytest.mark.parametrize(
    ("kind", "order"), [(queue.Queue, [0, 1, 2]), (queue.LifoQueue, [2, 1, 0])]
)
def test_the_same_object_more_than_once(record, kind, order):
    with record() as recording:
        items = kind()
        for _ in range(3):
            items.put(None)
        for _ in range(3):
            items.get()
    puts = [put.seq for put in recording.events("put")]
    assert [puts.index(get.link) for get in recording.events("get")] == order


def test_full_and_empty_queues(record):
    with record() as recording:
        items = queue.Queue(1)
        with pytest.raises(queue.Empty):
            items.get_nowait()
        with pytest.raises(queue.Empty):
            items.get(timeout=0.001)
        items.put("a")
        with pytest.raises(queue.Full):
            items.put_nowait("b")
        with pytest.raises(queue.Full):
            items.put("b", timeout=0.001)
        assert (items.qsize(), items.empty(), items.full()) == (1, False, True)
    assert recording.rows(target="Queue") == [
        ("main", "get", "Queue", "would_block", None),
        ("main", "request", "Queue", "bounded", "get"),
        ("main", "get", "Queue", "timed_out", None),
        ("main", "put", "Queue", "ok", "a"),
        ("main", "put", "Queue", "would_block", None),
        ("main", "request", "Queue", "bounded", "put"),
        ("main", "put", "Queue", "timed_out", None),
        ("main", "qsize", "Queue", "ok", 1),
        ("main", "empty", "Queue", "ok", False),
        ("main", "full", "Queue", "ok", True),
    ]


def test_the_join_is_released_by_the_last_task_done(record):
    def consume():
        for _ in range(3):
            items.get()
            items.task_done()

    with record() as recording:
        items = queue.Queue()
        for number in range(3):
            items.put(number)
        thread = threading.Thread(target=consume)
        thread.start()
        items.join()
        thread.join()
        with pytest.raises(ValueError, match="called too many times"):
            items.task_done()
    done = recording.events("task_done")
    assert [event.value for event in done] == [2, 1, 0]
    (join,) = recording.events("join", target="Queue")
    assert join.link == done[-1].seq


def test_the_queues_own_locks_are_not_recorded(record):
    with record() as recording:
        items = queue.Queue()
        items.put(1)
        items.get()
    assert [e.op.label for e in recording.events()] == ["begin", "put", "get"]


def test_a_subclass_with_its_own_order(record):
    class Newest(queue.Queue):
        def _init(self, maxsize):
            self.queue = []

        def _put(self, item):
            if item is None:
                raise TypeError("no None")
            self.queue.append(item)

        def _get(self):
            return self.queue.pop()

    with record() as recording:
        items = Newest()
        items.put("old")
        items.put("new")
        with pytest.raises(TypeError, match="no None"):
            items.put(None)
        assert [items.get(), items.get()] == ["new", "old"]
    gets = recording.events("get", target="Newest")
    assert [recording.linked(get).value for get in gets] == ["new", "old"]
    assert [e.outcome.label for e in recording.events("put")] == ["ok", "ok", "ok", "raised"]


def test_a_simple_queue(record):
    with record() as recording:
        items = queue.SimpleQueue()
        thread = threading.Thread(target=items.get)
        thread.start()
        items.put("x")
        thread.join()
        with pytest.raises(queue.Empty):
            items.get_nowait()
        with pytest.raises(queue.Empty):
            items.get(timeout=0.001)
        with pytest.raises(ValueError, match="non-negative"):
            items.get(timeout=-1)
    (get,) = [e for e in recording.events("get") if e.outcome.label == "ok"]
    assert recording.linked(get).value == "x"
    outcomes = [e.outcome.label for e in recording.events("get")]
    assert outcomes == ["ok", "would_block", "timed_out", "raised"]


def test_items_put_before_the_recording(record):
    old, simple = queue.Queue(), queue.SimpleQueue()
    old.put("x")
    simple.put("y")
    with record() as recording:
        assert (old.get(), simple.get()) == ("x", "y")
    assert [e.link for e in recording.events("get")] == [None, None]


def test_items_of_a_simple_queue_taken_after_the_recording(record):
    with record():
        simple = queue.SimpleQueue()
        simple.put("y")
    assert simple.get() == "y"


@pytest.mark.skipif(sys.version_info < (3, 13), reason="new in 3.13")
def test_shutdown(record):
    with record() as recording:
        items = queue.Queue()
        items.put(1)
        items.shutdown(immediate=True)
        with pytest.raises(queue.ShutDown):
            items.get()
        with pytest.raises(queue.ShutDown):
            items.put(2)
    assert recording.rows("shutdown", "get", "put")[1:] == [
        ("main", "shutdown", "Queue", "ok", True),
        ("main", "get", "Queue", "broken", None),
        ("main", "put", "Queue", "broken", None),
    ]
