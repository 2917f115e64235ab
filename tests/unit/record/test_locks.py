"""Locks are recorded inside CPython's own types."""

import _thread
import pickle
import queue
import threading

import pytest
from spool import OBJECT, definitions, records

from tracer import _core
from tracer.events import Op, Outcome
from tracer.runs.internal import set_internal


def of_lock(spool, number):
    return [r for r in records(spool) if r.target == number and r.op is not Op.BEGIN]


def test_uncontended_lock_is_one_event_each_way(recording):
    with recording() as spool:
        lock = threading.Lock()
        number = _core.record.object_number(lock)
        with lock:
            pass
    assert [r.op for r in of_lock(spool, number)] == [Op.ACQUIRE, Op.RELEASE]
    assert definitions(spool, OBJECT)[number][0] == "Lock"


def test_contended_acquire_is_asked_for_and_granted(recording):
    with recording() as spool:
        lock = threading.Lock()
        number = _core.record.object_number(lock)
        lock.acquire()
        waiting = _thread.allocate_lock()
        waiting.acquire()

        def other(thread_id):
            _core.record.enter_thread(thread_id)
            waiting.release()
            with lock:
                pass
            _core.record.leave_thread()

        thread = threading.Thread(
            target=other, args=(_core.record.new_thread("t", False, "Thread")[0],)
        )
        thread.start()
        waiting.acquire()
        # The other thread asks before it blocks; wait for that record, however long it takes.
        while not any(r.op is Op.REQUEST for r in of_lock(spool, number)):
            pass
        lock.release()
        thread.join()
    ops = [(r.thread, r.op) for r in of_lock(spool, number)]
    assert ops == [
        (1, Op.ACQUIRE),
        (2, Op.REQUEST),
        (1, Op.RELEASE),
        (2, Op.ACQUIRE),
        (2, Op.RELEASE),
    ]


@pytest.mark.parametrize(
    ("arguments", "outcomes"),
    [
        ({"blocking": False}, [Outcome.WOULD_BLOCK]),
        ({"timeout": 0.001}, [Outcome.BOUNDED, Outcome.TIMED_OUT]),
        ({"timeout": 0}, [Outcome.BOUNDED, Outcome.TIMED_OUT]),
    ],
)
def test_failed_acquire_says_how(recording, arguments, outcomes):
    with recording() as spool:
        lock = threading.Lock()
        number = _core.record.object_number(lock)
        lock.acquire()
        assert lock.acquire(**arguments) is False
        lock.release()
    assert [r.outcome for r in of_lock(spool, number)[1:-1]] == outcomes


def test_rlock_counts_its_depth(recording):
    with recording() as spool:
        lock = threading.RLock()
        number = _core.record.object_number(lock)
        with lock, lock:
            pass
    assert [(r.op, r.bits) for r in of_lock(spool, number)] == [
        (Op.ACQUIRE, 1),
        (Op.ACQUIRE, 2),
        (Op.RELEASE, 1),
        (Op.RELEASE, 0),
    ]


def test_condition_wait_gives_up_and_takes_back_every_level(recording):
    with recording() as spool:
        condition = threading.Condition()
        number = _core.record.object_number(condition._lock)
        with condition, condition:
            condition.wait(0.001)
    assert [(r.op, r.bits) for r in of_lock(spool, number)] == [
        (Op.ACQUIRE, 1),
        (Op.ACQUIRE, 2),
        (Op.RELEASE, 0),
        (Op.ACQUIRE, 2),
        (Op.RELEASE, 1),
        (Op.RELEASE, 0),
    ]


def test_internal_locks_are_not_recorded(recording):
    with recording():
        event, fifo = threading.Event(), queue.Queue()
        assert _core.record.object_number(event._cond._lock) == 0
        assert _core.record.object_number(fifo.mutex) == 0


def test_errors_are_cpythons_and_leave_no_event(recording):
    with recording() as spool:
        lock, rlock = threading.Lock(), threading.RLock()
        numbers = _core.record.object_number(lock), _core.record.object_number(rlock)
        with pytest.raises(RuntimeError, match="release unlocked lock"):
            lock.release()
        with pytest.raises(RuntimeError, match="cannot release un-acquired lock"):
            rlock.release()
        with pytest.raises(ValueError, match="timeout value must be"):
            lock.acquire(timeout=-2)
        with pytest.raises(ValueError, match="can't specify a timeout for a non-blocking call"):
            lock.acquire(False, 1)
        with pytest.raises(OverflowError):
            lock.acquire(timeout=1e20)
        with pytest.raises(TypeError, match="cannot pickle"):
            pickle.dumps(lock)
    assert [r for number in numbers for r in of_lock(spool, number)] == []
    assert not lock.locked()


def test_type_is_cpythons(recording):
    with recording():
        assert type(threading.Lock()) is _thread.LockType
        assert type(threading.RLock()) is _thread.RLock


def test_number_is_not_inherited_by_an_address(recording):
    with recording():
        seen = set()
        for _ in range(1000):
            lock = threading.Lock()
            number = _core.record.object_number(lock)
            assert number not in seen
            seen.add(number)
            del lock


def test_the_address_of_a_dead_lock_is_another_objects(recording):
    with recording():
        numbers = set()
        for _ in range(1000):
            # Freed at once, so that the next one is likely to lie where it lay.
            numbers.add(_core.record.object_number(threading.Lock()))
            assert _core.record.object_number(queue.Queue().mutex) == 0
    assert len(numbers) == 1000


@pytest.mark.parametrize(
    ("file", "kept"),
    [
        ("lib/queue.py", False),
        ("lib/json/decoder.py", False),
        ("lib/site-packages/jobs/queue.py", True),
        ("lib/dist-packages/jobs.py", True),
        ("project/queue.py", True),
    ],
)
def test_locks_that_installed_packages_make_are_the_programs(recording, tmp_path, file, kept):
    made = {}
    source = "import threading\nlock = threading.Lock()\nwith lock: pass"
    with recording() as spool:
        _core.record.set_internal([f"{tmp_path}/lib/"])
        exec(compile(source, str(tmp_path / file), "exec"), made)
        set_internal()
    assert bool(_core.record.object_number(made["lock"])) == kept
    assert (Op.ACQUIRE in [r.op for r in records(spool)]) == kept
