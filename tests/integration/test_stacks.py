"""Who called the code of an event: what is shown was so when the event was made."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest
from commandline import run

from tracer import Event, Op, Trace
from tracer.reporters import text

HEAD = """
import threading
number = 0
def store(value):
    global number
    number = value
"""

# Programs, and by the value that is stored which functions called `store`, the innermost first.
PROGRAMS: dict[str, tuple[str, dict[int, str]]] = {
    "a thread": (
        """
        def serve(value):
            store(value)
        def run():
            for value in (1, 2):
                serve(value)
            serve(3)
            store(4)
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        """,
        {1: "serve run", 2: "serve run", 3: "serve run", 4: "run"},
    ),
    "a function that is the thread's target": (
        """
        thread = threading.Thread(target=store, args=(1,))
        thread.start()
        thread.join()
        """,
        {1: ""},
    ),
    "a thread's own class": (
        """
        class Worker(threading.Thread):
            def run(self):
                store(1)
        worker = Worker()
        worker.start()
        worker.join()
        """,
        {1: "Worker.run"},
    ),
    "recursion": (
        """
        def down(n, value):
            if n:
                down(n - 1, value)
            else:
                store(value)
        def run():
            down(0, 1)
            down(2, 2)
            down(1, 3)
        run()
        """,
        {1: "down run <module>", 2: "down down down run <module>", 3: "down down run <module>"},
    ),
    "deep recursion": (
        """
        def down(n):
            store(1) if n == 0 else down(n - 1)
        down(100)
        """,
        {1: " ".join(["down"] * 16)},
    ),
    "callbacks of the standard library": (
        """
        def one(value):
            return sorted([value], key=store)
        def two():
            return sorted([2], key=lambda value: store(value))
        one(1)
        two()
        """,
        {1: "one <module>", 2: "two.<locals>.<lambda> two <module>"},
    ),
    "one line, two callers": (
        """
        def both(value):
            store(value)
        def first():
            both(1)
        def second():
            both(2)
        for function in (first, second, first):
            function()
        """,
        {1: "both first <module>", 2: "both second <module>"},
    ),
    "generators": (
        """
        def numbers():
            store(1)
            yield
            store(2)
            yield
        def first(them):
            next(them)
        def second(them):
            next(them)
        them = numbers()
        first(them)
        second(them)
        """,
        {1: "numbers first <module>", 2: "numbers second <module>"},
    ),
    "tasks of a pool": (
        """
        from concurrent.futures import ThreadPoolExecutor
        def task(value):
            store(value)
        with ThreadPoolExecutor(1) as pool:
            list(pool.map(task, [1, 2]))
            pool.submit(store, 3).result()
            pool.submit(lambda: task(4)).result()
        """,
        {1: "task", 2: "task", 3: "", 4: "task <lambda>"},
    ),
    "a constructor": (
        """
        class Box:
            def __init__(self, value):
                store(value)
        def make(value):
            return Box(value)
        make(1)
        """,
        {1: "Box.__init__ make <module>"},
    ),
    "a property, a context and an operator": (
        """
        class Box:
            @property
            def value(self):
                store(1)
            def __enter__(self):
                store(2)
            def __exit__(self, *error):
                store(3)
            def __add__(self, other):
                store(4)
        def use(box):
            box.value
            with box:
                pass
            box + box
        use(Box())
        """,
        {
            1: "Box.value use <module>",
            2: "Box.__enter__ use <module>",
            3: "Box.__exit__ use <module>",
            4: "Box.__add__ use <module>",
        },
    ),
    "coroutines": (
        """
        import asyncio
        async def inner(value):
            store(value)
        async def main():
            await inner(1)
        asyncio.run(main())
        """,
        {1: "inner main <module>"},
    ),
    "at exit": (
        """
        import atexit
        def last():
            store(2)
        def inside():
            store(1)
        inside()
        atexit.register(last)
        """,
        {1: "inside <module>", 2: "last"},
    ),
    "a forked process": (
        """
        import multiprocessing
        def work(value):
            store(value)
        def start(value):
            process = multiprocessing.get_context("fork").Process(target=work, args=(value,))
            process.start()
            process.join()
        work(1)
        start(2)
        """,
        {1: "work <module>", 2: "work start <module>"},
    ),
    "a spawned process": (
        """
        import multiprocessing
        def work(value):
            store(value)
        if __name__ == "__main__":
            process = multiprocessing.get_context("spawn").Process(target=work, args=(1,))
            process.start()
            process.join()
        """,
        {1: "work"},
    ),
}


def stored(trace: Trace) -> dict[object, Event]:
    events = trace.events.filter(op=Op.WRITE, location="number")
    return {event.value: event for event in events if event.value}


@pytest.mark.parametrize("options", [(), ("--seed", "1")], ids=["free", "seed"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_the_callers_are_those_of_the_event(
    tmp_path: Path, program: str, options: tuple[str, ...]
) -> None:
    source, expected = PROGRAMS[program]
    (tmp_path / "p.py").write_text(HEAD + dedent(source))
    done = run(tmp_path, "p.py", options=options)
    assert done.status == 0, done.stderr
    found = {
        value: " ".join(site.function for site in event.stack)
        for value, event in stored(done.trace).items()
    }
    assert found == expected


def test_the_callers_in_a_raw_thread(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(
        HEAD + "import _thread\ndone = threading.Event()\n"
        "def raw():\n    store(1)\n    done.set()\n"
        "_thread.start_new_thread(raw, ())\ndone.wait()\n"
    )
    (event,) = stored(run(tmp_path, "p.py").trace).values()
    assert [site.function for site in event.stack] == ["raw"]


def test_the_lines_are_those_of_the_calls(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(
        HEAD + "def work():\n    store(1)\n    store(\n        2)\n    store(3); store(4)\nwork()\n"
    )
    trace = run(tmp_path, "p.py").trace
    lines = {value: [site.line for site in one.stack] for value, one in stored(trace).items()}
    assert lines == {1: [8, 12], 2: [9, 12], 3: [11, 12], 4: [11, 12]}


RANDOM = """
import random, sys, threading
company = threading.Event()  # what a lone thread writes is not all recorded
threading.Thread(target=company.wait).start()
seen = {}
number = 0
def store(value):
    global number
    number = value
    frame, found = sys._getframe(1), []
    while frame is not None and len(found) < 16:
        if frame.f_code.co_filename == __file__:
            found.append((frame.f_code.co_qualname, frame.f_lineno))
        frame = frame.f_back
    seen[value] = found
count = 0
def step(rng, depth):
    global count
    choice = rng.randrange(6)
    if depth > 6 or choice == 0:
        count += 1
        return store(count)
    if choice == 1:
        a(rng, depth); b(rng, depth)
    elif choice == 2:
        sorted([rng], key=lambda r: step(r, depth + 1))
    elif choice == 3:
        for _ in g(rng, depth):
            pass
    else:
        (a if choice == 4 else b)(rng, depth)
def a(rng, depth):
    step(rng, depth + 1)
def b(rng, depth):
    step(rng, depth + 1)
    step(rng, depth + 1)
def g(rng, depth):
    step(rng, depth + 1)
    yield
    a(rng, depth)
rng = random.Random(SEED)
while count < 300:
    step(rng, 0)
company.set()
import json
with open("seen.json", "w") as file:
    json.dump(seen, file)
"""


@pytest.mark.parametrize("seed", range(3))
def test_the_callers_are_those_that_python_tells(tmp_path: Path, seed: int) -> None:
    (tmp_path / "p.py").write_text(RANDOM.replace("SEED", str(seed)))
    trace = run(tmp_path, "p.py").trace
    seen = json.loads((tmp_path / "seen.json").read_text())
    events = stored(trace)
    assert len(events) == len(seen)
    for value, event in events.items():
        told = [[site.function, site.line] for site in event.stack]
        assert told == seen[str(value)], value


def test_a_finding_has_the_callers_of_each_event(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(
        dedent(
            """
            import threading
            balance = 0
            def withdraw():
                global balance
                taken = balance
                balance = taken - 1
            def serve():
                withdraw()
            def visit():
                withdraw()
            threads = [threading.Thread(target=t) for t in (serve, visit)]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
            """
        )
    )
    trace = run(tmp_path, "p.py", options=("--seed", "1")).trace
    finding = trace.findings()[0]
    calls = {tuple(site.function for site in stack) for stack in finding.stacks}
    assert calls == {("serve",), ("visit",)}
    report = text.findings(trace, [finding])
    assert "in withdraw (" in report
    assert ") ← serve (" in report
    assert ") ← visit (" in report
