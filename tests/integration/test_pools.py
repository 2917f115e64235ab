"""Every way to give tasks to a Pool or ThreadPool: each from its submission to what came of it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from test_processes import METHODS, recorded_source

from tracer import Event, Op, Outcome

PROGRAM = """
from multiprocessing.pool import ThreadPool
def applied(n): return n * n
def applied_later(n): return n * n
def failed_later(n): return 1 / (n - n)
def failed(n): return 1 / (n - n)
def mapped(n): return n * n
def mapped_later(n): return n * n
def starred(n, m): return n * m
def starred_later(n, m): return n * m
def iterated(n): return n * n
def iterated_anyhow(n): return n * n
def told(result): print("told", result, flush=True)
if __name__ == "__main__":
    pairs = [(1, 2), (3, 4), (5, 6)]
    with {pool} as pool:
        print(pool.apply(applied, (3,)))
        try:
            pool.apply(failed, (3,))
        except ZeroDivisionError as error:
            print(error)
        later = pool.apply_async(applied_later, (4,), callback=told)
        print(later.get(30), later.ready(), later.successful())
        bad = pool.apply_async(failed_later, (4,), callback=print, error_callback=told)
        bad.wait(30)
        print(bad.successful())
        print(pool.map(mapped, range(4), chunksize=2))
        print(pool.map_async(mapped_later, range(4), chunksize=1, callback=told).get(30))
        print(pool.starmap(starred, pairs, chunksize=1))
        print(pool.starmap_async(starred_later, pairs, chunksize=3, callback=told).get(30))
        print(list(pool.imap(iterated, range(3))))
        print(sorted(pool.imap_unordered(iterated_anyhow, range(4), chunksize=2)))
        pool.close()
        pool.join()
    try:
        pool.apply(applied, (1,))
    except ValueError as error:
        print(error)
"""

# Of each task, or of all the tasks of one call: how many run, how many results are taken one by
# one, how many callbacks are called, and with what error.
CALLS = {
    "applied": (1, 1, 0, ""),
    "failed": (1, 1, 0, "ZeroDivisionError"),
    "applied_later": (1, 1, 1, ""),
    "failed_later": (1, 0, 1, "ZeroDivisionError"),
    "mapped": (2, 1, 0, ""),
    "mapped_later": (4, 1, 1, ""),
    "starred": (3, 1, 0, ""),
    "starred_later": (1, 1, 1, ""),
    "iterated": (3, 3, 0, ""),
    "iterated_anyhow": (2, 2, 0, ""),
}

# The program asks whether they are done; what get() asks for itself is no event.
POLLED = ["applied_later", "failed_later"]


@pytest.mark.parametrize("pool", [*METHODS, "threads"])
def test_each_way_to_give_tasks(tmp_path: Path, pool: str) -> None:
    threads = pool == "threads"
    made = "ThreadPool(2)" if threads else "context.Pool(2)"
    method = "fork" if threads else pool
    trace = recorded_source(tmp_path, PROGRAM.format(pool=made), method).trace
    calls: dict[object, list[Event]] = {}
    for event in trace.events:
        if event.op is Op.SUBMIT:
            calls[event.object] = []
        if event.object in calls:
            calls[event.object].append(event)
    assert [events[0].value for events in calls.values()] == list(CALLS)
    for events in calls.values():
        name = str(events[0].value)
        runs, results, callbacks, error = CALLS[name]
        count = Counter(event.op for event in events)
        assert count[Op.POLL] == POLLED.count(name)
        assert (count[Op.SUBMIT], count[Op.RUN], count[Op.FINISH]) == (1, runs, runs)
        assert (count[Op.RESULT], count[Op.CALLBACK]) == (results, callbacks)
        finished: list[Event] = []
        for event in events:
            if event.op is Op.RUN:
                assert event.link == events[0].seq
                assert (event.thread.process is events[0].thread.process) == threads
                assert event.thread is not events[0].thread
            elif event.op is Op.FINISH:
                assert (event.outcome is Outcome.RAISED) == bool(error)
                finished.append(event)
            elif event.op is Op.CALLBACK or event.op is Op.RESULT:
                assert any(trace.happens_before(finish, event) for finish in finished)
                if event.op is Op.RESULT and error:
                    assert (event.outcome, event.value) == (Outcome.RAISED, error)
    closes = [e for e in trace.events.filter(op=Op.CLOSE) if "Pool" in e.object.kind]  # type: ignore[union-attr]
    assert [e.thread.path for e in closes] == ["main"] * len(closes)
    assert closes
    assert trace.findings() == []


NESTED = """
from concurrent.futures import ThreadPoolExecutor, ProcessPoolExecutor, as_completed, wait
ready = False
def initialize(value):
    global ready
    ready = value
def square(n): return n * n
def nested(n):
    with ThreadPoolExecutor(2) as inner:
        return ready, sum(inner.map(square, range(n)))
if __name__ == "__main__":
    with ProcessPoolExecutor(2, context, initialize, ("set",)) as executor:
        futures = [executor.submit(nested, n) for n in (2, 3)]
        print(len(wait(futures).done), sorted(future.result() for future in as_completed(futures)))
"""


@pytest.mark.parametrize("method", METHODS)
def test_executors_of_threads_in_those_of_processes(tmp_path: Path, method: str) -> None:
    trace = recorded_source(tmp_path, NESTED, method).trace
    submits = list(trace.events.filter(op=Op.SUBMIT))
    runs = {event.link: event for event in trace.events.filter(op=Op.RUN)}
    outer = [e for e in submits if e.thread.path == "main"]
    assert (len(outer), len(submits), len(runs)) == (2, 7, 7)
    for submit in submits:
        ran = runs[submit.seq]
        assert ran.object == submit.object
        if submit in outer:
            assert ran.thread.process is not submit.thread.process
        else:
            assert ran.thread.process is submit.thread.process is not trace.processes[0]
    assert trace.findings() == []
