"""Which accesses are recorded, in which order, with which values."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tracer.events import NO_VALUE, Outcome

Accesses = Callable[[str], list[tuple[str, str, object]]]


def test_global_read_and_write(accesses: Accesses) -> None:
    source = """
        num = 100
        def f():
            global num
            n = num
            num = n - 1
        f()
    """
    assert accesses(source) == [
        ("write", "prog.num", 100),
        ("read", "prog.num", 100),
        ("write", "prog.num", 99),
    ]


def test_augmented_global_reads_and_then_writes(accesses: Accesses) -> None:
    source = """
        num = 5
        def one():
            return 1
        def f():
            global num
            num += 2
            num *= one()
        f()
    """
    assert accesses(source)[1:] == [
        ("read", "prog.num", 5),
        ("write", "prog.num", 7),
        ("read", "prog.num", 7),
        ("write", "prog.num", 7),
    ]


def test_constants_and_private_names_are_left_alone(accesses: Accesses) -> None:
    source = """
        import math
        LIMIT = 10
        def f(a):
            total = 0
            for i in range(LIMIT):
                total += i * a
            return math.floor(total)
        class C:
            x = LIMIT
        f(2)
        for i in range(3):
            pass
    """
    assert accesses(source) == []


def test_attributes_of_instances_slots_and_classes(accesses: Accesses) -> None:
    source = """
        class C:
            shared = 1
            __slots__ = ("slot", "__dict__")
            def method(self):
                return 3
            @property
            def made_up(self):
                return 4
        c = C()
        c.slot = 10
        c.slot += 1
        c.own = 20
        del c.own
        C.shared = c.shared + 1
        c.method, c.made_up, c.method()
    """
    assert accesses(source) == [
        ("write", "c.slot", 10),
        ("read", "c.slot", 10),
        ("write", "c.slot", 11),
        ("write", "c.own", 20),
        ("delete", "c.own", NO_VALUE),
        ("read", "C.shared", 1),
        ("write", "C.shared", 2),
    ]


def test_instance_value_hides_the_class_default(accesses: Accesses) -> None:
    source = """
        class C:
            n = 0
        c = C()
        c.n += 1
        c.n += 1
    """
    assert accesses(source) == [
        ("read", "C.n", 0),
        ("write", "c.n", 1),
        ("read", "c.n", 1),
        ("write", "c.n", 2),
    ]


def test_what_getattr_makes_up_is_no_access(accesses: Accesses) -> None:
    source = """
        class C:
            def __getattr__(self, name):
                return 7
        c = C()
        c.missing
        c.present = 1
        c.present
    """
    assert accesses(source) == [("write", "c.present", 1), ("read", "c.present", 1)]


def test_thread_locals_are_not_shared(accesses: Accesses) -> None:
    source = """
        import threading
        mine = threading.local()
        mine.x = 1
        mine.x += 1
    """
    assert accesses(source) == []


def test_dict_items(accesses: Accesses) -> None:
    source = """
        d = {}
        d["k"] = 1
        d["k"] += 1
        "k" in d
        d.get("k")
        d.setdefault("z", 0)
        del d["k"]
    """
    assert accesses(source) == [
        ("write", "d['k']", 1),
        ("read", "d['k']", 1),
        ("write", "d['k']", 2),
        ("read", "d['k']", True),
        ("read", "d['k']", 2),
        ("update", "d['z']", 0),
        ("delete", "d['k']", NO_VALUE),
    ]


def test_update_writes_the_items_that_its_arguments_name(run: Callable[..., Any]) -> None:
    source = """
        d, two = {"k": 0}, {"k": 1, "z": 2}
        d.update(two)
        d.update([("k", 3), ["z", 4]], k=5)
        d.update(k=6, n=7)
        d.update(((1, 8), (None, 9)))
        d.update()
        d.update({})
        d.update({i: i for i in range(100)})
        d.update((key, 10) for key in "k")
        {1}.update({2: 3})
    """
    trace, _ = run(source)
    done = [
        (event.site.line, event.op.label, event.target, event.value, event.structural)
        for event in trace.events
        if event.op.label in ("write", "update") and event.site.line > 2
    ]
    assert [row for row in done if row[0] < 7] == [
        (3, "write", "d['k']", 1, True),  # which of them is new is not known
        (3, "write", "d['z']", 2, True),
        (4, "write", "d['k']", 3, False),
        (4, "write", "d['z']", 4, False),
        (4, "write", "d['k']", 5, False),
        (5, "write", "d['k']", 6, True),
        (5, "write", "d['n']", 7, True),
        (6, "write", "d[1]", 8, True),
        (6, "write", "d[None]", 9, True),
    ]
    # None, none that only the program's code could tell, or too many.
    others = [row for row in done if row[0] >= 7]
    assert [row[:3] for row in others[:4]] == [(n, "update", "d[*]") for n in range(7, 11)]
    assert [row[4] for row in others[:4]] == [False, False, True, False]
    assert others[4][:2] == (11, "update")
    iterated = [event for event in trace.events if event.op.label == "iterate"]
    assert {event.site.line for event in iterated} == {3, 4, 8, 9, 11}


def test_list_contents(accesses: Accesses) -> None:
    source = """
        a = []
        a.append(4)
        a[-1] = 5
        a[0]
        len(a)
        for x in a:
            pass
        sorted(a)
        if a:
            a.pop()
    """
    whole = "a[*]"
    assert accesses(source) == [
        ("update", whole, 4),
        ("write", "a[0]", 5),
        ("read", "a[0]", 5),
        ("read", whole, 1),
        ("iterate", whole, NO_VALUE),
        ("read", whole, NO_VALUE),
        ("read", whole, True),
        ("update", whole, 5),
    ]


def test_items_of_sequences_go_by_the_order(run: Callable[..., Any]) -> None:
    source = """
        from collections import deque
        for s in ([1, 2], deque([1, 2]), bytearray(b"ab")):
            s[0]
            s[-1]
            s[0] = 5
            s[0] += 1
        {0: 1}[0]
    """
    trace, _ = run(source)
    items = [event for event in trace.events if event.location and event.location.key is not None]
    assert [(event.location.key, event.indexed) for event in items] == [
        *[(0, True), (1, True), (0, True), (0, True), (0, True)] * 3,
        (0, False),
    ]


def test_structural_changes_are_marked(run: Callable[..., Any]) -> None:
    trace, _ = run("d = {}\nd[1] = 1\nd[1] = 2\n")
    writes = [event for event in trace.events if event.op.label == "write"]
    assert [event.structural for event in writes] == [True, False]


def test_closure_cells(accesses: Accesses) -> None:
    source = """
        def outer():
            n = 0
            def inner():
                nonlocal n
                n += 1
            inner()
            return n
        outer()
    """
    assert accesses(source) == [
        ("write", "n", 0),
        ("read", "n", 0),
        ("write", "n", 1),
        ("read", "n", 1),
    ]


def test_cells_of_two_calls_are_two_locations(run: Callable[..., Any]) -> None:
    source = """
        def outer():
            n = 0
            def inner():
                nonlocal n
                n += 1
            return inner
        a, b = outer(), outer()
        a(), b(), a()
    """
    trace, _ = run(source)
    reads = [event for event in trace.events if event.op.label == "read"]
    assert [event.value for event in reads] == [0, 0, 1]
    assert reads[0].location == reads[2].location != reads[1].location


def test_every_kind_of_target(accesses: Accesses) -> None:
    source = """
        from contextlib import nullcontext
        class C: pass
        c, d = C(), {}
        a = n = 0
        def f():
            global n, a
            n, c.x = 1, 2
            a = c.x = d[0] = 3
            for c.x, n in [(4, 5)]:
                pass
            with nullcontext(6) as d[1], nullcontext(7) as n:
                pass
            [n, *d[2]] = 8, 9
            (n := 10)
        f()
    """
    writes = [(target, value) for op, target, value in accesses(source) if op == "write"][2:]
    assert [w for w in writes if w[0] != "d[2]"] == [
        ("prog.n", 1),
        ("c.x", 2),
        ("prog.a", 3),
        ("c.x", 3),
        ("d[0]", 3),
        ("c.x", 4),
        ("prog.n", 5),
        ("d[1]", 6),
        ("prog.n", 7),
        ("prog.n", 8),
        ("prog.n", 10),
    ]
    assert "d[2]" in dict(writes)


def test_a_subclass_with_its_own_method_is_not_a_container_there(accesses: Accesses) -> None:
    source = """
        class Loud(list):
            def append(self, x):
                super().append(x)
        a = Loud()
        a.append(1)
        a.extend([2])
    """
    assert [op for op, _, _ in accesses(source) if op == "update"] == ["update", "update"]


def test_code_rewritten_in_one_recording_keeps_its_sites_in_the_next(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    _, namespace = run(
        """
        num = 0
        def f():
            global num
            num += 1
        """
    )
    (tmp_path / "spool").rename(tmp_path / "first")
    trace, _ = run("other = [1]\nfor x in other: f()\n", f=namespace["f"])
    events = [e for e in trace.events if e.op.is_access and e.target == "prog.num"]
    assert [(e.op.label, e.value, e.site.text) for e in events] == [
        ("read", 0, "num += 1"),
        ("write", 1, "num += 1"),
    ]
    assert [trace.sites[n - 1].text for n in events[1].site.sources] == ["num += 1"]
    (iteration,) = [e for e in trace.events if e.op.label == "iterate"]
    assert iteration.site.text == "other"


def test_objects_are_named_after_what_they_are_first_assigned_to(run: Callable[..., Any]) -> None:
    trace, _ = run(
        """
        import threading
        lock = threading.Lock()
        class Shop:
            def __init__(self):
                self.lock = threading.Lock()
                self.items = []
        one = also = Shop()
        two: Shop = Shop()
        def f():
            inner = threading.Condition()
            with lock, one.lock, two.lock, inner:
                one.items.append(1)
        f()
        """
    )
    names = {obj.name for obj in trace.objects}
    assert {"lock", "one", "two", "one.lock", "two.lock", "one.items"} <= names
    assert "also" not in names


def test_an_access_that_a_container_refuses_is_recorded_as_raised(run: Callable[..., Any]) -> None:
    trace, _ = run(
        """
        a, d, s = [], {}, set()
        for act in (
            lambda: a.pop(), lambda: a[3], lambda: a[-1], lambda: d["k"], lambda: d.pop("k"),
            lambda: s.remove(1), lambda: a.remove(1), lambda: a.append(),
        ):
            try:
                act()
            except Exception:
                pass
        def stores():
            a[0] = 1
        def deletes():
            del d["k"]
        for act in stores, deletes:
            try:
                act()
            except LookupError:
                pass
        """
    )
    raised = [
        (event.op.label, event.target, event.value)
        for event in trace.events
        if event.outcome is Outcome.RAISED
    ]
    assert raised == [
        ("update", "a[*]", "IndexError"),
        ("read", "a[*]", "IndexError"),
        ("read", "a[*]", "IndexError"),
        ("read", "d['k']", "KeyError"),
        ("update", "d['k']", "KeyError"),
        ("update", "s[*]", "KeyError"),
        ("update", "a[*]", "ValueError"),
        ("write", "a[*]", "IndexError"),
        ("delete", "d['k']", "KeyError"),
    ]


def test_membership_in_a_chain_of_comparisons(accesses: Accesses) -> None:
    source = """
        d = {1: 2}
        def f():
            return 0 < 1 in d, 2 < 1 in d
        f()
    """
    assert accesses(source) == [("read", "d[*]", NO_VALUE)]


def test_names_of_a_star_import_are_not_builtins(run: Callable[..., Any]) -> None:
    _, namespace = run(
        """
        import sys, types
        module = types.ModuleType("rt_star")
        module.len = lambda x: "mine"
        module.getattr = lambda o, n: (o, n)
        sys.modules["rt_star"] = module
        from rt_star import *
        seen = len([]), getattr(1, "real")
        del sys.modules["rt_star"]
        """
    )
    assert namespace["seen"] == ("mine", (1, "real"))


def test_a_store_before_one_that_fails_is_recorded(accesses: Accesses) -> None:
    source = """
        num = other = 0
        class C:
            @property
            def x(self): return 1
        def f():
            global num, other
            try:
                num, C().x = 5, 6
            except AttributeError:
                pass
            try:
                num = other = C().x = 7
            except AttributeError:
                pass
            try:
                for num, C().x in [(8, 9)]:
                    pass
            except AttributeError:
                pass
        f()
    """
    writes = [(target, value) for op, target, value in accesses(source) if op == "write"]
    assert writes[2:] == [
        ("prog.num", 5),
        ("prog.num", 7),
        ("prog.other", 7),
        ("prog.num", 8),
    ]


def test_a_name_bound_by_a_with_before_another_manager_fails(accesses: Accesses) -> None:
    source = """
        from contextlib import nullcontext
        num = 0
        def f():
            global num
            with nullcontext(1) as num, nullcontext(1 / 0):
                pass
        try:
            f()
        except ZeroDivisionError:
            pass
    """
    assert accesses(source)[1:] == [("write", "prog.num", 1)]
