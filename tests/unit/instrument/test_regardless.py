"""Which calls a function does without, and from where on."""

from __future__ import annotations

import ast
import textwrap

import pytest

from tracer.instrument.regardless import regardless


def lines(source: str) -> list[int]:
    """The lines from whose ends on code goes on, in order."""
    tree = ast.parse(textwrap.dedent(source))
    return sorted(line for line, _ in regardless(tree.body).values())


@pytest.mark.parametrize(
    "call",
    [
        "lock.acquire(timeout=1)",
        "lock.acquire(True, 0.5)",
        "lock.acquire(blocking=False)",
        "lock.acquire(False)",
        "lock.acquire(0)",
        "thread.join(1)",
        "thread.join(timeout=0.5)",
        "ready.wait(1)",
    ],
)
def test_what_nobody_looks_at(call: str) -> None:
    assert lines(f"{call}\nn = 1\n") == [1]


@pytest.mark.parametrize(
    "call",
    [
        "lock.acquire()",
        "lock.acquire(True)",
        "lock.acquire(timeout=-1)",
        "lock.acquire(timeout=seconds)",
        "thread.join()",
        "thread.join(None)",
        "ready.wait(timeout=None)",
        "', '.join(names)",
        "messages.get_nowait()",
        "messages.get(timeout=1)",
        "future.result(1)",
    ],
)
def test_what_waits_or_raises(call: str) -> None:
    assert lines(f"{call}\nn = 1\n") == []


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("messages.get_nowait()", "queue.Empty"),
        ("messages.get(False)", "Empty"),
        ("messages.get(timeout=1)", "(OSError, queue.Empty)"),
        ("messages.put_nowait(1)", "queue.Full"),
        ("messages.put(1, timeout=2)", "Exception"),
        ("future.result(timeout=1)", "TimeoutError"),
    ],
)
def test_an_exception_that_is_forgotten(call: str, error: str) -> None:
    assert lines(f"try:\n    x = {call}\n    n = x\nexcept {error}:\n    pass\nn = 1\n") == [5]
    assert lines(f"try:\n    x = {call}\nexcept {error}:\n    x = None\nn = 1\n") == [4]


@pytest.mark.parametrize(
    "handler",
    [
        "except queue.Empty:\n    raise SystemExit",
        "except queue.Empty:\n    leave()",
        "except KeyError:\n    pass",
        "finally:\n    n = 1",
    ],
)
def test_an_exception_that_is_not_forgotten(handler: str) -> None:
    assert lines(f"try:\n    x = messages.get_nowait()\n{handler}\nn = 1\n") == []


def test_nothing_of_a_loop_that_tries_again() -> None:
    again = "while True:\n    try:\n        x = q.get_nowait()\n    except Empty:\n        pass\n"
    assert lines(again) == []
    assert lines("while not ready:\n    condition.wait(1)\n") == []
    assert lines("while thread.is_alive():\n    thread.join(1)\n") == []
    again = "for _ in range(9):\n    try:\n        x = q.get_nowait()\n        break\n"
    assert lines(f"{again}    except Empty:\n        pass\n") == []


def test_a_loop_that_goes_on_anyhow() -> None:
    assert lines("for thread in threads:\n    thread.join(1)\n") == [2]
    tried = "for _ in range(9):\n    try:\n        x = q.get_nowait()\n"
    assert lines(f"{tried}    except Empty:\n        pass\n    n += 1\n") == [5]


def test_an_answer_that_is_only_tested() -> None:
    assert lines("got = lock.acquire(False)\nn = 1\nif got:\n    lock.release()\n") == [1]
    assert lines("if lock.acquire(False):\n    n = 1\n    lock.release()\nm = 1\n") == [3]
    assert lines("if not lock.acquire(False):\n    n = 1\nm = 1\n") == [2]


@pytest.mark.parametrize(
    "rest",
    [
        "return_(got)",
        "if not got:\n    raise TimeoutError",
        "if not got:\n    sys.exit(1)",
        "assert got",
        "while not got:\n    got = lock.acquire(False)",
        "done = got and 1",
    ],
)
def test_an_answer_that_goes_elsewhere(rest: str) -> None:
    assert lines(f"got = lock.acquire(False)\n{rest}\nn = 1\n") == []


def test_who_is_asked_afterwards() -> None:
    assert lines("thread.join(1)\nif thread.is_alive():\n    fail()\nn = 1\n") == []
    assert lines("ready.wait(1)\nassert ready.is_set()\n") == []


def test_only_the_functions_own_code() -> None:
    assert lines("def f():\n    thread.join(1)\nn = 1\n") == []
