"""concurrent.futures: tasks, results, callbacks, cancellation."""

from __future__ import annotations

import threading
from concurrent.futures import (
    FIRST_COMPLETED,
    CancelledError,
    Future,
    InvalidStateError,
    ThreadPoolExecutor,
    as_completed,
    wait,
)

import pytest


def double(number):
    return 2 * number


def test_a_task_runs_after_its_submission_and_before_its_result(record):
    with record() as recording, ThreadPoolExecutor(1) as executor:
        assert executor.submit(double, 4).result() == 8
    (submit,) = recording.events("submit")
    (run,) = recording.events("run")
    (finish,) = recording.events("finish")
    (result,) = recording.events("result")
    assert (submit.value, finish.value, result.value) == ("double", 8, 8)
    assert submit.object is run.object is finish.object is result.object
    assert recording.linked(run) == submit
    assert run.thread is finish.thread is not submit.thread
    assert recording.trace.happens_before(submit, run)
    assert recording.trace.happens_before(finish, result)
    assert recording.rows("close") == [("main", "close", "ThreadPoolExecutor", "ok", None)]


def test_a_task_that_raises(record):
    with record() as recording, ThreadPoolExecutor(1) as executor:
        future = executor.submit(double, None)
        assert isinstance(future.exception(), TypeError)
        with pytest.raises(TypeError):
            future.result()
    assert [row[3:] for row in recording.rows("finish")] == [("raised", "TypeError")]
    assert [row[3:] for row in recording.rows("result")] == [
        ("ok", "TypeError"),
        ("raised", "TypeError"),
    ]


def test_a_callback_comes_after_the_finish_in_the_worker(record):
    called = []
    with record() as recording, ThreadPoolExecutor(1) as executor:
        go = threading.Event()
        future = executor.submit(go.wait)
        future.add_done_callback(lambda done: called.append(done))
        go.set()
        future.result()
        future.add_done_callback(called.append)
    assert called == [future, future]
    (finish,) = recording.events("finish")
    calls = recording.events("callback")
    assert [call.thread for call in calls] == [finish.thread, recording.events("submit")[0].thread]
    assert all(recording.trace.happens_before(finish, call) for call in calls)


def test_a_cancelled_task_never_runs(record):
    with record() as recording, ThreadPoolExecutor(1) as executor:
        go = threading.Event()
        first = executor.submit(go.wait)
        second = executor.submit(double, 1)
        assert second.cancel()
        go.set()
        with pytest.raises(CancelledError):
            second.result()
        assert not first.cancel() or first.cancelled()
    (cancel,) = recording.events("cancel")
    failed = [one for one in recording.events("result") if one.outcome.label == "raised"]
    assert [one.link for one in failed] == [cancel.seq]
    assert cancel.object is failed[0].object
    ran = {event.object for event in recording.events("run")}
    assert cancel.object not in ran


def test_waiting_for_several_orders_them(record):
    with record() as recording, ThreadPoolExecutor(2) as executor:
        go = threading.Event()
        slow, quick = executor.submit(go.wait), executor.submit(double, 1)
        done, _ = wait([slow, quick], return_when=FIRST_COMPLETED)
        assert quick in done
        go.set()
        assert set(as_completed([slow, quick])) == {slow, quick}
    finishes = {event.object: event for event in recording.events("finish")}
    passed = [event for event in recording.events("wait") if event.object in finishes]
    assert len(passed) == 3
    for event in passed:
        assert recording.trace.happens_before(finishes[event.object], event)


def test_polling_is_recorded_when_the_answer_changes(record):
    with record() as recording, ThreadPoolExecutor(1) as executor:
        go = threading.Event()
        future = executor.submit(go.wait)
        for _ in range(100):
            assert not future.done()
        go.set()
        while not future.done():
            pass
    values = [event.value for event in recording.events("poll")]
    assert values == [False, True]
    assert recording.trace.happens_before(
        recording.events("finish")[0], recording.events("poll")[-1]
    )


def test_a_wait_that_times_out(record):
    with record() as recording:
        future: Future[int] = Future()
        with pytest.raises(TimeoutError):
            future.result(timeout=0.001)
        assert wait([future], timeout=0.001).not_done == {future}
    assert [row[3] for row in recording.rows("request")] == ["bounded", "bounded"]
    assert [row[3] for row in recording.rows("result", "wait")] == ["timed_out", "timed_out"]


def test_a_future_set_by_the_program(record):
    with record() as recording:
        future: Future[int] = Future()
        thread = threading.Thread(target=future.set_result, args=(5,))
        thread.start()
        assert future.result() == 5
        thread.join()
    (finish,) = recording.events("finish")
    (result,) = recording.events("result")
    assert finish.thread.path == "main.1"
    assert recording.trace.happens_before(finish, result)


def test_what_the_executor_makes_for_itself_is_not_recorded(record):
    with record() as recording, ThreadPoolExecutor(1) as executor:
        executor.submit(double, 1).result()
    kinds = {event.object.kind for event in recording.events() if event.object}
    assert kinds == {"Thread", "Future", "ThreadPoolExecutor"}


def test_a_task_that_runs_can_be_cancelled_no_more(record):
    go, begun = threading.Event(), threading.Event()

    def work():
        begun.set()
        go.wait()

    with record() as recording, ThreadPoolExecutor(1) as executor:
        future = executor.submit(work)
        begun.wait()
        assert not future.cancel()
        go.set()
    (run,) = recording.events("run")
    (step,) = recording.events("step")
    assert step.object is run.object
    assert run.seq < step.seq
    assert recording.events("cancel") == []


def test_only_the_first_result_counts(record):
    with record() as recording:
        future = Future()
        future.set_result(1)
        with pytest.raises(InvalidStateError):
            future.set_result(2)
        assert future.result() == 1
    assert [row[1] for row in recording.rows("finish", "step", "result")] == [
        "finish",
        "step",
        "result",
    ]


def test_a_callback_is_added_inside_the_futures_lock(record):
    with record() as recording:
        future = Future()
        future.add_done_callback(lambda done: None)
        future.set_result(1)
        future.add_done_callback(lambda done: None)
    assert [row[1] for row in recording.rows("finish", "step", "callback")] == [
        "step",
        "finish",
        "callback",
        "step",
        "callback",
    ]
