from __future__ import annotations

import _thread
import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.pool import ThreadPool

import pytest


def test_a_thread_starts_begins_ends_and_is_joined(record):
    def work():
        released.acquire()

    with record() as recording:
        released = threading.Lock()
        released.acquire()
        thread = threading.Thread(target=work, name="worker")
        thread.start()
        thread.join(0.001)
        released.release()
        thread.join()
        thread.join()
    assert recording.rows("start", "begin", "end", "join", target="Thread")[1:] == [
        ("main", "start", "Thread", "ok", None),
        ("main.1", "begin", "Thread", "ok", None),
        ("main", "join", "Thread", "timed_out", None),
        ("main.1", "end", "Thread", "ok", None),
        ("main", "join", "Thread", "ok", None),
        ("main", "join", "Thread", "ok", None),
    ]
    requests = [e for e in recording.events("request") if e.value == "join"]
    assert [e.outcome.label for e in requests] == ["bounded", "ok"]
    joined = recording.events("join")[-1]
    assert recording.linked(joined).op.label == "end"
    assert {e.object.label for e in recording.events("start")} == {"worker"}
    assert recording.trace.threads[1].name == "worker"


def test_the_events_of_a_thread_are_between_its_begin_and_its_end(record):
    def work():
        with lock:
            pass

    with record() as recording:
        lock = threading.Lock()
        threads = [threading.Thread(target=work) for _ in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for row in recording.trace.threads[1:]:
        ops = [e.op.label for e in recording.trace.events if e.thread is row]
        assert (ops[0], ops[-1]) == ("begin", "end")
    assert len(recording.trace.threads) == 41


def test_a_subclass_gives_its_name(record):
    class Worker(threading.Thread):
        def run(self):
            pass

    with record() as recording:
        worker = Worker()
        worker.start()
        worker.join()
    assert [e.object.kind for e in recording.events("start", "end")] == ["Worker", "Worker"]


def test_what_run_raised_is_in_the_end_after_the_excepthook(record, monkeypatch):
    monkeypatch.setattr(threading, "excepthook", lambda args: hooked.release())
    with record() as recording:
        hooked = threading.Lock()
        hooked.acquire()
        thread = threading.Thread(target=int, args=("x",))
        thread.start()
        thread.join()
    (end,) = recording.events("end")
    assert (end.outcome.label, end.value) == ("raised", "ValueError")
    assert recording.events("release")[0].seq < end.seq


def test_an_end_by_an_exception_has_the_line_of_the_program_that_raised_it(record, monkeypatch):
    monkeypatch.setattr(threading, "excepthook", lambda args: None)

    def outer():
        json.loads("{")

    with record() as recording:
        for start in (lambda: threading.Thread(target=outer), lambda: threading.Thread()):
            thread = start()
            thread.start()
            thread.join()
    raised, fine = recording.events("end")[:2]
    line = outer.__code__.co_firstlineno + 1
    assert (raised.value, raised.site.line) == ("JSONDecodeError", line)
    assert raised.site.function.endswith("outer")
    assert fine.site is None


@pytest.mark.parametrize(("most", "role"), [(1, "only worker"), (2, "worker")])
def test_a_pools_threads_are_workers(record, most, role):
    with record() as recording:
        with ThreadPoolExecutor(most) as executor:
            executor.submit(int).result()
        with ThreadPool(most) as pool:
            pool.apply(int)
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()
    started = {event.object.name: event.value for event in recording.events("start")}
    workers = [name for name, value in started.items() if value == role]
    assert len(workers) == 1 + most
    assert len(started) > 3


def test_a_thread_that_cannot_start_leaves_nothing_behind(record):
    with record() as recording:
        thread = threading.Thread(target=print)
        before = threading.stack_size(1 << 46)  # no address space is as large
        try:
            with pytest.raises(RuntimeError, match="can't start"):
                thread.start()
        finally:
            threading.stack_size(before)
        assert thread not in threading.enumerate()
    assert [e.outcome.label for e in recording.events("start")] == ["ok", "raised"]


def test_daemon_and_new_names_are_kept(record):
    with record() as recording:
        go = threading.Event()
        thread = threading.Thread(target=go.wait, daemon=True)
        with pytest.warns(DeprecationWarning, match="setDaemon"):
            thread.setDaemon(True)
        thread.start()
        thread.name = "renamed"
        go.set()
        thread.join()
    row = recording.trace.threads[1]
    assert (row.name, row.daemon, row.parent.path) == ("renamed", True, "main")


def test_observations_are_recorded_when_they_change(record):
    with record() as recording:
        before = threading.active_count()
        go = threading.Event()
        thread = threading.Thread(target=go.wait)
        thread.start()
        for _ in range(100):
            assert threading.active_count() == before + 1
            assert len(threading.enumerate()) == before + 1
        assert thread.is_alive()
        go.set()
        thread.join()
        assert not thread.is_alive()
        assert threading.active_count() == before
    assert [e.value for e in recording.events("observe")] == [
        before,
        before + 1,
        True,
        False,
        before,
    ]


def test_questions_asked_in_turn_are_answered_once(record):
    with record() as recording:
        go = threading.Event()
        threads = [threading.Thread(target=go.wait) for _ in range(2)]
        for thread in threads:
            thread.start()
        for _ in range(100):
            assert all(thread.is_alive() for thread in threads)
            threading.enumerate()
        go.set()
        for thread in threads:
            thread.join()
    assert [e.value for e in recording.events("observe")][:2] == [True, True]
    assert len(recording.events("observe")) == 3
    (count,) = {len(e.value.split()) for e in recording.events("step") if type(e.value) is str}
    assert count == recording.events("observe")[2].value


def test_a_text_of_a_primitive_is_what_the_program_was_told(record):
    with record() as recording:
        event = threading.Event()
        said = [repr(event)]
        event.set()
        said.append(repr(event))
    texts = [e.value for e in recording.events("input") if e.object.label == "repr"]
    assert texts == said


def test_the_end_is_recorded_before_anyone_sees_the_thread_gone(record):
    with record() as recording:
        before = threading.active_count()
        for _ in range(50):
            thread = threading.Thread(target=int)
            thread.start()
            while threading.active_count() > before:
                pass
    ends = 0
    for event in recording.events("end", "start", "observe"):
        ends += {"end": 1, "start": -1, "observe": 0}[event.op.label]
        if event.op.label == "observe" and event.value == before:
            assert ends == 0


def test_a_timer_fires_or_is_cancelled(record):
    with record() as recording:
        called = threading.Event()
        timer = threading.Timer(0.001, called.set)
        timer.start()
        timer.join()
        assert called.is_set()
        cancelled = threading.Timer(60, called.set)
        cancelled.start()
        cancelled.cancel()
        cancelled.join()
    rows = recording.rows("fire", "cancel", "wait", target="Timer")
    assert rows == [
        ("main.1", "wait", "Timer", "timed_out", None),
        ("main.1", "fire", "Timer", "ok", None),
        ("main", "cancel", "Timer", "ok", None),
        ("main.2", "wait", "Timer", "ok", None),
    ]
    assert recording.linked(recording.events("wait", target="Timer")[1]).op.label == "cancel"


def test_the_events_inside_thread_and_timer_are_not_the_programs(record):
    with record() as recording:
        timer = threading.Timer(0, int)
        timer.start()
        timer.join()
    assert recording.events(target="Event") == []
    assert recording.events(target="Lock") == []


def test_a_raw_thread_begins_and_ends(record):
    with record() as recording:
        done = _thread.allocate_lock()
        done.acquire()
        _thread.start_new_thread(done.release, ())
        done.acquire()
    rows = recording.rows("start", "begin", "release")
    assert [row[:2] for row in rows[1:]] == [  # its end may be later than what we wait for
        ("main", "start"),
        ("main.1", "begin"),
        ("main.1", "release"),
    ]


def test_one_recording_after_another(record):
    class Twice:
        event = None

    for _ in range(2):
        with record() as recording:
            Twice.event = Twice.event or threading.Event()
            Twice.event.set()
            thread = threading.Thread(target=Twice.event.wait)
            thread.start()
            thread.join()
        assert [e.op.label for e in recording.events(target="Event")] == ["set", "request", "wait"]
        assert len(recording.trace.threads) == 2


def test_nothing_changes_when_nothing_is_recorded(record):
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()
    assert not thread.is_alive()
    assert "_racetrace" not in thread.__dict__


FAILING = """
import sys, threading, _thread, queue
if sys.argv[1] == "1":
    import tempfile
    from tracer import _core, primitives
    primitives.install()
    _core.record.start(tempfile.mkdtemp(), 1, "main", True)
class Worker(threading.Thread):
    def run(self):
        queue.Queue().get(False)
for target in (lambda: 1 / 0, lambda: queue.Queue(1).put(1, timeout=-1),
               lambda: threading.Condition().notify(), lambda: threading.Event().wait("x"),
               lambda: threading.BoundedSemaphore().release(), lambda: threading.Barrier(1).wait(),
               lambda: threading.Barrier(2, timeout=0.01).wait(),
               lambda: threading.current_thread().join(), lambda: queue.Queue().task_done(),
               lambda: threading.Thread().join(), lambda: threading.Lock().release()):
    thread = threading.Thread(target=target, name="failing")
    thread.start()
    thread.join()
worker = Worker(name="worker")
worker.start()
worker.join()
worker.start()
"""


def test_tracebacks_are_those_of_plain_python(tmp_path):
    program = tmp_path / "failing.py"
    program.write_text(FAILING)
    plain, recorded = (
        subprocess.run(
            [sys.executable, str(program), mode], capture_output=True, text=True, timeout=60
        )
        for mode in "01"
    )
    assert plain.stderr.count("Traceback") == 12
    assert recorded.stderr == plain.stderr
    assert recorded.returncode == plain.returncode == 1


def test_a_raw_threads_exception_is_reported_as_by_plain_python(tmp_path):
    program = tmp_path / "failing.py"
    program.write_text(
        FAILING.partition("class")[0]
        + "class Failing:\n"
        + "    def __call__(self):\n        raise KeyError('x')\n"
        + "    def __repr__(self):\n        return 'Failing()'\n"
        + "hook, done = sys.unraisablehook, _thread.allocate_lock()\n"
        + "done.acquire()\n"
        + "def reported(args):\n    hook(args)\n    done.release()\n"
        + "sys.unraisablehook = reported\n"
        + "_thread.start_new_thread(Failing(), ())\n"
        + "done.acquire()\n"
    )
    plain, recorded = (
        subprocess.run(
            [sys.executable, str(program), mode], capture_output=True, text=True, timeout=60
        ).stderr
        for mode in "01"
    )
    assert "Exception ignored in thread started by" in plain
    assert recorded == plain
