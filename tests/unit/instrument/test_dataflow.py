"""What flows into a write, and which tests guard it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tracer.events import Site

Run = Callable[..., tuple[Any, dict[str, Any]]]


def site(trace: Any, text: str) -> Site:
    """The act with this text (a read and a write of one statement share it)."""
    found: Site = [s for s in trace.sites if s.text == text][-1]
    return found


def texts(trace: Any, numbers: tuple[int, ...]) -> list[str]:
    return [trace.sites[number - 1].text for number in numbers]


def test_a_read_flows_through_a_local(run: Run) -> None:
    trace, _ = run(
        """
        num = 0
        def f():
            global num
            mine = num
            other = mine - 1
            num = other
        f()
        """
    )
    write = site(trace, "num = other")
    assert texts(trace, write.sources) == ["num"]
    assert not write.opaque


def test_parameters_and_results_of_calls_are_opaque(run: Run) -> None:
    trace, _ = run(
        """
        num = other = 0
        def f(x):
            global num, other
            num = x
            other = f
            num = min(3, 4)
            other = input
        def g():
            global other
            other = f(1)
        f(1)
        """
    )
    assert site(trace, "num = x").opaque
    assert site(trace, "other = f(1)").opaque
    assert not site(trace, "num = min(3, 4)").opaque


def test_if_guards_its_body(run: Run) -> None:
    trace, _ = run(
        """
        x = None
        def f():
            global x
            if x is None:
                x = 1
            x = 2
        f()
        """
    )
    assert texts(trace, site(trace, "x = 1").guards) == ["x"]
    assert site(trace, "x = 2").guards == ()


def test_an_early_return_guards_what_follows_even_out_of_a_with(run: Run) -> None:
    trace, _ = run(
        """
        import threading
        d = {}
        lock = threading.Lock()
        def f(k):
            with lock:
                if k in d:
                    return
            d[k] = 1
        f("a")
        """
    )
    assert texts(trace, site(trace, "d[k] = 1").guards) == ["k in d"]


def test_checks_of_primitives_guard_acts_on_them(run: Run) -> None:
    trace, _ = run(
        """
        import queue
        q = queue.Queue()
        q.put(1)
        while q.qsize() > 0:
            q.get()
        while not q.empty():
            q.get_nowait()
        """
    )
    assert texts(trace, site(trace, "q.get()").guards) == ["q.qsize()"]
    assert texts(trace, site(trace, "q.get_nowait()").guards) == ["q.empty()"]


def test_boolean_operators_guard_their_right_side(run: Run) -> None:
    trace, _ = run(
        """
        items = [1]
        def f():
            return items and items.pop()
        f()
        def g():
            return len(items) > 0 and items.pop(0)
        """
    )
    assert texts(trace, site(trace, "items.pop(0)").guards) == ["len(items)"]


def test_sites_have_the_places_of_the_source(run: Run) -> None:
    trace, _ = run("num = 0\ndef f():\n    global num\n    num = num + 1\nf()\n")
    read, write = [
        event.site for event in trace.events if event.op.is_access and event.site.line == 4
    ]
    assert (read.column, read.end_column, read.text, read.function) == (11, 14, "num", "f")
    assert (write.column, write.text) == (5, "num = num + 1")


def test_what_follows_a_loop_depends_on_its_test(run: Run) -> None:
    trace, _ = run(
        """
        busy = False
        n = 0
        def f():
            global busy, n
            while busy:
                pass
            busy = True
            while n < 0:
                if n == -3:
                    break
            else:
                n = 1
            n = 2
            for _ in ():
                while n == 4:
                    for _ in ():
                        break
                n = 3
            n = 5
        f()
        """
    )
    assert set(texts(trace, site(trace, "busy = True").guards)) == {"busy"}
    assert set(texts(trace, site(trace, "n = 1").guards)) == {"busy", "n"}
    assert set(texts(trace, site(trace, "n = 2").guards)) == {"busy"}
    assert set(texts(trace, site(trace, "n = 3").guards)) == {"busy", "n"}
    assert set(texts(trace, site(trace, "n = 5").guards)) == {"busy"}


def test_what_follows_an_endless_loop_depends_on_the_tests_of_every_way_out(run: Run) -> None:
    trace, _ = run(
        """
        inside = odd = 0
        n = 0
        def f():
            global n, inside, odd
            odd = 0
            while True:
                if inside == 0:
                    inside = 1
                    break
            n = 1
            while True:
                if odd == 0:
                    break
                if n == 7:
                    break
            n = 2
            while True:
                if odd == 0:
                    if n == 2:
                        break
                    break
            n = 3
        f()
        """
    )
    assert set(texts(trace, site(trace, "n = 1").guards)) == {"inside"}
    assert set(texts(trace, site(trace, "n = 2").guards)) == {"inside"}
    assert set(texts(trace, site(trace, "n = 3").guards)) == {"inside", "odd"}


def test_a_loop_that_drains_a_queue_does_not_guard_later_puts(run: Run) -> None:
    trace, _ = run(
        """
        import queue
        q = queue.Queue()
        while not q.empty():
            q.get()
        q.put(1)
        """
    )
    assert site(trace, "q.put(1)").guards == ()


def test_what_a_function_returns_flows_into_its_calls(run: Run) -> None:
    trace, _ = run(
        """
        class Box:
            x = 0
            def read(self):
                found = self.x
                return found + 1
        def double(box):
            return 2 * box.read()
        def f(box):
            box.x = double(box)
        f(Box())
        """
    )
    assert texts(trace, site(trace, "box.x = double(box)").sources) == ["self.x"]


SETTER = """
        a = b = 0
        def store(v):
            global a
            a = v
        def f():
            global a, b
            store({first})
            store(v={second})
            b += 1
            {rest}
        f()
"""


@pytest.mark.parametrize(
    ("first", "second", "rest", "expected"),
    [
        ("1", "2", "pass", []),
        ("b", "2", "pass", ["b"]),
        ("2", "v=b", "pass", ["b"]),
        ("mine := b", "mine", "pass", ["b"]),
        ("mine := b", "mine + a", "pass", ["a", "b"]),
        ("*[b]", "2", "pass", ["b"]),
        ("**{'v': b}", "2", "pass", ["b", "{'v': b}"]),
    ],
)
def test_a_parameter_is_made_of_what_any_call_gives(
    run: Run, first: str, second: str, rest: str, expected: list[str]
) -> None:
    trace, _ = run(SETTER.format(first=first, second=second.removeprefix("v="), rest=rest))
    assert sorted(texts(trace, site(trace, "a = v").sources)) == expected


@pytest.mark.parametrize(("rest", "expected"), [("pass", ["x"]), ("grow()", [])])
def test_acts_are_guarded_by_what_guards_all_calls_of_their_function(
    run: Run, rest: str, expected: list[str]
) -> None:
    trace, _ = run(
        f"""
        x = y = 0
        def large():
            return x > 9
        def grow():
            global x
            x += 1
        def f():
            global x, y
            if not large():
                grow()
            {rest}
            y = x
        f()
        """
    )
    assert texts(trace, site(trace, "x += 1").guards) == expected


def test_a_function_that_calls_itself_ends(run: Run) -> None:
    trace, _ = run(
        """
        x = 0
        def down(n):
            global x
            if n:
                x = n
                return down(n - 1)
            return x
        x = down(2)
        """
    )
    assert texts(trace, site(trace, "x = down(2)").sources) == ["x"]


def test_functions_go_by_their_names(run: Run) -> None:
    trace, _ = run(
        """
        class A:
            x = 0
            def read(self):
                return self.x
        class B:
            def read(self):
                return 1
        class C:
            y = 0
            def __init__(self):
                self.look = lambda: self.y
            def give(self):
                yield self.y
        def f(a, c):
            a.x = a.read()
            c.y = c.look()
            c.y = c.give()
        f(A(), C())
        """
    )
    assert texts(trace, site(trace, "a.x = a.read()").sources) == ["self.x"]
    assert texts(trace, site(trace, "c.y = c.look()").sources) == ["look"]  # what is called
    assert texts(trace, site(trace, "c.y = c.give()").sources) == ["self.y"]


def test_what_is_stored_in_an_object_goes_with_the_whole_of_it(run: Run) -> None:
    trace, _ = run(
        """
        class Node:
            pass
        head = None
        other = 0
        def push():
            global head, other
            node = Node()
            node.before = head
            node.links = {}
            node.links["other"] = other
            head = node
            other = node.before
        push()
        """
    )
    assert texts(trace, site(trace, "head = node").sources) == ["head", "other"]
    assert texts(trace, site(trace, "other = node.before").sources) == ["node.before"]
