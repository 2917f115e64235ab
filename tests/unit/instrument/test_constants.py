"""Which names that are bound once are constants: those that no thread can see unbound."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Callable

import pytest

from tracer.instrument.startup import NEVER, first_start

Accesses = Callable[[str], list[tuple[str, str, object]]]


def test_a_global_that_is_bound_after_a_thread_has_started_is_shared(accesses: Accesses) -> None:
    source = """
        import threading
        ready = threading.Event()
        before = 1
        def f():
            ready.wait()
            return before, result
        t = threading.Thread(target=f)
        t.start()
        result = 2
        ready.set()
        t.join()
        f()
    """
    assert [a for a in accesses(source) if a[1].startswith("prog.")] == [
        ("write", "prog.result", 2),
        ("read", "prog.result", 2),
    ]


def test_a_cell_that_is_bound_after_its_closure_is_shared(accesses: Accesses) -> None:
    source = """
        import threading
        def outer():
            before = 1
            ready = threading.Event()
            def f():
                ready.wait()
                return before, after
            t = threading.Thread(target=f)
            t.start()
            after = 2
            ready.set()
            t.join()
            f()
        outer()
    """
    assert [a for a in accesses(source) if a[0] in ("read", "write")] == [
        ("write", "after", 2),
        ("read", "after", 2),
    ]


# The module's code up to where threads may be running; None: they never are.
STARTS = {
    "a thread": ("t = Thread(target=f)", "t.start()"),
    "in a function": ("def go():\n    t.start()", "go()"),
    "in a function of a function": ("def a(): b()\ndef b(): t.start()", "x = a()"),
    "in a method": ("class C:\n    def go(self): t.start()\nc = C()", "c.go()"),
    "in a constructor": ("class C:\n    def __init__(self): t.start()", "c = C()"),
    "in a base class": ("class B:\n    def __init__(self): t.start()\nclass C(B): pass", "C()"),
    "a pool": ("from concurrent.futures import ThreadPoolExecutor", "ThreadPoolExecutor().map(f)"),
    "foreign code that is given a function": ("import flask\ndef f(): pass", "flask.on(f)"),
    "a foreign decorator": ("import flask\napp = flask.App('x')", "@app.route('/')\ndef f(): ..."),
    "under main": ("def f(): t.start()\nif __name__ == '__main__':\n    x = 1", "    f()"),
    "in a comprehension": ("ts = [Thread() for _ in range(3)]", "[t.start() for t in ts]"),
    "unknown names": ("from lib import *\ndef f(): pass", "go(f)"),
}


@pytest.mark.parametrize("name", STARTS)
def test_where_threads_may_run(name: str) -> None:
    before, start = STARTS[name]
    line, _ = first_start(ast.parse(f"{before}\n{start}\nlast = 1\n"))
    assert line == before.count("\n") + 2 + start.startswith("@")


def test_ordinary_set_up_starts_nothing() -> None:
    source = """
        import functools, logging, threading, numpy as np
        from dataclasses import dataclass
        logging.basicConfig(level=1)
        log = logging.getLogger(__name__)
        lock = threading.Lock()
        array = np.zeros(10)
        names = sorted(["b", "a"], key=lambda n: n.lower())
        names.append("c")
        @dataclass
        class Account:
            balance: int = 0
            def deposit(self, n): self.balance += n
        @functools.lru_cache
        def f(n): return n
        account = Account()
        account.deposit(1)
        worker = threading.Thread(target=f, args=(lock,))
        print(f(3), list(map(f, [1])))
    """
    assert first_start(ast.parse(textwrap.dedent(source))) == NEVER
