"""Tasks of a pool of several workers are ordered by what orders them, not by having one worker."""

from __future__ import annotations

import pytest
from builder import Builder

from tracer import analysis
from tracer.events import Op, Ref
from tracer.ops import ONLY_WORKER, WORKER


class Pool:
    """The tasks of one worker, which has been started by main."""

    def __init__(self, b: Builder, role: str = WORKER) -> None:
        self.b = b
        self.worker = b.start(name="Worker-0", role=role)

    def submit(self) -> tuple[int, int]:
        future = self.b.object("Future", "f")
        return future, self.b.emit(1, Op.SUBMIT, future, value="work")

    def begin(self, submitted: tuple[int, int]) -> None:
        self.b.emit(self.worker, Op.RUN, submitted[0], link=submitted[1])

    def finish(self, submitted: tuple[int, int]) -> None:
        self.b.emit(self.worker, Op.FINISH, submitted[0])


def counted(b: Builder, pool: Pool, location: int, tasks: int = 2, *, waits: bool = False) -> None:
    """Each task adds one to the location. `waits`: main submits the next when one is done."""
    read, write = b.site(8, "n"), b.site(8, "n += 1")
    submitted = [] if waits else [pool.submit() for _ in range(tasks)]
    for number in range(tasks):
        task = pool.submit() if waits else submitted[number]
        pool.begin(task)
        b.add(pool.worker, location, number + 1, read, write)
        pool.finish(task)
        if waits:
            b.emit(1, Op.RESULT, task[0])
    b.end(pool.worker)
    b.join(pool.worker)


def test_two_tasks_of_one_worker() -> None:
    b = Builder()
    counted(b, Pool(b), b.global_("n"))
    (found,) = analysis.find(b.trace())
    assert (found.kind, found.status) == ("lost-update", "predicted")
    assert [thread.name for thread in found.threads] == ["Worker-0"]
    assert "Worker-0 (task 1) reads it at race.py:8" in found.explanation
    assert "Worker-0 (task 2) writes" in found.explanation
    assert "One worker did these tasks" in found.explanation


def test_many_tasks_of_one_worker() -> None:
    b = Builder()
    counted(b, Pool(b), b.global_("n"), 50)
    (found,) = analysis.find(b.trace())
    assert found.status == "predicted"


def test_a_pool_of_one_worker() -> None:
    b = Builder()
    counted(b, Pool(b, ONLY_WORKER), b.global_("n"))
    assert analysis.find(b.trace()) == []


def test_a_task_that_is_submitted_after_a_result() -> None:
    b = Builder()
    counted(b, Pool(b), b.global_("n"), waits=True)
    assert analysis.find(b.trace()) == []


def test_tasks_under_a_lock() -> None:
    b = Builder()
    pool, lock, n = Pool(b), b.object("Lock", "lock"), b.global_("n")
    read, write = b.site(8, "n"), b.site(8, "n += 1")
    submitted = [pool.submit() for _ in range(2)]
    for number, task in enumerate(submitted, 1):
        pool.begin(task)
        with b.locked(pool.worker, lock):
            b.add(pool.worker, n, number, read, write)
        pool.finish(task)
    assert analysis.find(b.trace()) == []


def test_main_after_the_end_of_the_worker() -> None:
    b = Builder()
    pool, n = Pool(b), b.global_("n")
    read, write = b.site(8, "n"), b.site(8, "n += 1")
    task = pool.submit()
    pool.begin(task)
    b.add(pool.worker, n, 1, read, write)
    pool.finish(task)
    b.end(pool.worker)
    b.join(pool.worker)
    b.add(1, n, 2, read, write)
    assert analysis.find(b.trace()) == []


def test_what_the_initializer_has_done_comes_before_every_task() -> None:
    b = Builder()
    pool, n = Pool(b), b.global_("n")
    read, write = b.site(8, "n"), b.site(8, "n += 1")
    b.write(pool.worker, n, 0, b.site(3, "n = 0"))
    task = pool.submit()
    pool.begin(task)
    b.add(pool.worker, n, 1, read, write)
    pool.finish(task)
    assert analysis.find(b.trace()) == []


def test_the_start_of_a_worker_orders_no_task() -> None:
    """Which task makes the pool start the worker that has it is chance."""
    b = Builder()
    n = b.global_("n")
    read, write = b.site(8, "n"), b.site(8, "n += 1")
    future = b.object("Future", "f")
    submitted = future, b.emit(1, Op.SUBMIT, future, value="work")
    b.add(1, n, 1, read, write)
    pool = Pool(b)
    pool.begin(submitted)
    b.add(pool.worker, n, 2, read, write)
    pool.finish(submitted)
    (found,) = analysis.find(b.trace())
    assert (found.kind, found.status) == ("lost-update", "predicted")


@pytest.mark.parametrize(("key", "findings"), [(140_737_000, 0), (4711, 0), (1, 1), (0, 1)])
def test_a_key_that_is_the_workers_number(key: int, findings: int) -> None:
    b = Builder()
    pool, counts = Pool(b), b.object("dict", "counts")
    b.threads[pool.worker - 1] += (False, 140_737_000, 4711)
    counted(b, pool, b.item(counts, key))
    assert len(analysis.find(b.trace())) == findings


@pytest.mark.parametrize(("name", "findings"), [("Worker-0", 0), ("Worker-1", 1)])
def test_a_key_that_is_the_workers_name(name: str, findings: int) -> None:
    b = Builder()
    counts = b.object("dict", "counts")
    counted(b, Pool(b), b.item(counts, name))
    assert len(analysis.find(b.trace())) == findings


def test_an_attribute_of_the_worker_itself() -> None:
    b = Builder()
    pool = Pool(b)
    counted(b, pool, b.attribute(b.thread_object(pool.worker), "count"))
    assert analysis.find(b.trace()) == []


@pytest.mark.parametrize("stored", [True, False])
def test_an_object_that_only_the_worker_reaches(stored: bool) -> None:
    """As one that lies in a threading.local, which is not recorded."""
    b = Builder()
    pool = Pool(b)
    made = b.object("Connection", "c", pool.worker)
    if stored:
        b.write(pool.worker, b.global_("connection"), Ref("Connection", made), b.site(2))
    counted(b, pool, b.attribute(made, "count"))
    assert len(analysis.find(b.trace())) == (1 if stored else 0)


def test_an_object_of_main() -> None:
    b = Builder()
    account = b.object("Account", "account")
    counted(b, Pool(b), b.attribute(account, "balance"))
    assert len(analysis.find(b.trace())) == 1


def test_what_lies_in_what_is_the_workers_own() -> None:
    b = Builder()
    pool = Pool(b)
    buffers, buffer = b.object("dict", "buffers"), b.object("Buffer", "buffer")
    b.write(pool.worker, b.item(buffers, "Worker-0"), Ref("Buffer", buffer), b.site(2))
    counted(b, pool, b.attribute(buffer, "size"))
    assert analysis.find(b.trace()) == []
