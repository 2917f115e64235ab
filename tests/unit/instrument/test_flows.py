"""What flows through functions, objects and modules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tracer.trace import Trace

Run = Callable[..., tuple[Any, dict[str, Any]]]
Rewritten = Callable[..., Trace]

READ = "shared.n"


def sources(trace: Trace, text: str) -> set[str]:
    """The texts of the reads that the write with this text is made of."""
    found = [site for site in trace.sites if site.text == text][-1]
    return {trace.sites[number - 1].text for number in found.sources}


def guards(trace: Trace, text: str) -> set[str]:
    found = [site for site in trace.sites if site.text == text][-1]
    return {trace.sites[number - 1].text for number in found.guards}


PREPARED = """
import collections, contextlib, dataclasses, functools, queue
class Shared:
    n = 0
shared = Shared()
Pair = collections.namedtuple("Pair", "a b")
@dataclasses.dataclass
class Record:
    v: int
class Box:
    def __init__(self, v):
        self.v = v
    def get(self):
        return shared.n
    @property
    def now(self):
        return shared.n
class Other(Box):
    def get(self):
        return super().get() + 1
def logged(f):
    return f
@logged
def look():
    return shared.n
def double(x):
    return 2 * x
def apply(f):
    return f()
def each():
    yield shared.n
@contextlib.contextmanager
def section():
    yield shared.n
def read():
    return shared.n
box = Box(1)
"""


@pytest.mark.parametrize(
    "body",
    [
        "shared.n = Box(shared.n).v",
        "b = Box(shared.n); b.v += 1; shared.n = b.v",
        "p = Pair(shared.n, 1); shared.n = p.a",
        "r = Record(v=shared.n); shared.n = r.v",
        "d = {}; d['n'] = shared.n; x = d; shared.n = look()",
        "l = [shared.n]; shared.n = l[0] + 1",
        "d = {'n': shared.n}; shared.n = d['n']",
        "d = dict(n=shared.n); shared.n = d.get('n')",
        "t = (shared.n, 2); a, b = t; shared.n = a + b",
        "a, *rest = shared.n, 1; shared.n = rest[0] + a",
        "shared.n = box.get() + 1",
        "shared.n = Other(1).get()",
        "shared.n = box.now + 1",
        "shared.n = look() + 1",
        "shared.n = double(shared.n)",
        "shared.n = apply(read)",
        "shared.n = apply(box.get)",
        "shared.n = apply(lambda: shared.n + 1)",
        "shared.n = functools.partial(double, shared.n)()",
        "f = box.get; shared.n = f()",
        "shared.n = next(each()) + 1",
        "for v in each(): shared.n = v",
        "with section() as v: shared.n = v + 1",
        "shared.n = int(f'{shared.n}') + 1",
        "shared.n = int('%d' % shared.n)",
        "shared.n = int('{}'.format(shared.n))",
        "print(v := shared.n); shared.n = v + 1",
        "shared.n = sum([v for v in [shared.n]])",
        "shared.n = max(*[shared.n, 2])",
        "shared.n = double(**{'x': shared.n})",
        "v = shared.n if f else 0; shared.n = v",
        "q = queue.Queue(); q.put(shared.n); v = shared.n; shared.n = q.get() + v",
    ],
)
def test_a_read_flows_to_the_write(run: Run, body: str) -> None:
    lines = "\n    ".join(body.split("; "))
    trace, _ = run(PREPARED + f"def f():\n    {lines}\n")
    write = body.rpartition("shared.n = ")
    found = sources(trace, write[1] + write[2])
    assert READ in found


@pytest.mark.parametrize(
    "body",
    [
        "shared.n = 0",
        "v = shared.n; shared.n = 1",
        "shared.n = Box(2).v",
        "b = Box(2); b.v += 1; shared.n = b.v",
        "p = Pair(3, 1); shared.n = p.a",
        "l = [4]; shared.n = l[0] + 1",
        "l = [shared.n]; shared.n = len('five')",
        "shared.n = double(2)",
        "shared.n = apply(int)",
        "shared.n = functools.partial(int, 1)()",
        "print(shared.n); shared.n = 2",
        "for v in range(3): shared.n = v",
    ],
)
def test_nothing_flows_where_there_is_nothing(run: Run, body: str) -> None:
    lines = "\n    ".join(body.split("; "))
    trace, _ = run(PREPARED + f"def f():\n    {lines}\n")
    write = body.rpartition("shared.n = ")
    assert READ not in sources(trace, write[1] + write[2])


@pytest.mark.parametrize(
    ("setter", "call"),
    [
        ("def put(v):\n    shared.n = v", "put(shared.n)"),
        ("def put(*, v):\n    shared.n = v", "put(v=shared.n)"),
        ("def put(*v):\n    shared.n = v", "put(1, shared.n)"),
        ("def put(**v):\n    shared.n = v", "put(a=shared.n)"),
        ("class C:\n  def put(self, v):\n    shared.n = v", "C().put(shared.n)"),
        ("class C:\n  @staticmethod\n  def put(v):\n    shared.n = v", "C.put(shared.n)"),
        ("class C:\n  @classmethod\n  def put(cls, v):\n    shared.n = v", "C.put(shared.n)"),
        ("class C:\n  def __init__(self, v):\n    shared.n = v", "C(shared.n)"),
        (
            "class B:\n  def __init__(self, v):\n    shared.n = v\nclass C(B):\n  pass",
            "C(shared.n)",
        ),
        (
            "class C:\n  @property\n  def p(self):\n    return 1\n  @p.setter\n  def p(self, v):\n"
            "    shared.n = v\nc = C()",
            "c.p = shared.n",
        ),
        ("class C(dict):\n  def __setitem__(self, k, v):\n    shared.n = v", "C()[1] = shared.n"),
    ],
)
def test_an_argument_flows_to_the_write_in_the_function(run: Run, setter: str, call: str) -> None:
    trace, _ = run(PREPARED + f"{setter}\ndef f():\n    {call}\n")
    assert READ in sources(trace, "shared.n = v")


STORE = """
class Store:
    n = 0
    def get(self):
        return self.n
    def put(self, value):
        self.n = value
    def is_empty(self):
        return not self.items
    def take(self):
        return self.items.pop()
"""


@pytest.mark.parametrize("store_first", [True, False])
def test_values_flow_between_modules_in_either_order(
    rewritten: Rewritten, store_first: bool
) -> None:
    user = """
        from store import Store
        store = Store()
        def f():
            store.put(store.get() + 1)
        """
    modules = [("store", STORE), ("user", user)]
    trace = rewritten(**dict(modules if store_first else reversed(modules)))
    assert "self.n" in sources(trace, "self.n = value")


@pytest.mark.parametrize(
    ("call", "more", "guarded"),
    [
        ("if not store.is_empty(): store.take()", "pass", True),
        ("while not store.is_empty(): store.take()", "pass", True),
        ("if store.is_empty(): return\n    store.take()", "pass", True),
        ("if not store.is_empty() and True: store.take()", "pass", True),
        ("if not store.is_empty(): store.take()", "if not store.is_empty(): store.take()", True),
        ("if not store.is_empty(): store.take()", "store.take()", False),
        ("if not store.is_empty(): store.take()", "run(store.take)", False),
        ("store.take()", "pass", False),
    ],
)
def test_tests_guard_the_acts_of_functions_of_other_modules(
    rewritten: Rewritten, call: str, more: str, guarded: bool
) -> None:
    user = f"""
def f(store):
    {call}
"""
    trace = rewritten(store=STORE, user=user, more=f"def g(store):\n    {more}\n")
    assert ("self.items" in guards(trace, "self.items.pop()")) is guarded


def test_an_imported_function_keeps_its_name(rewritten: Rewritten) -> None:
    trace = rewritten(
        user="from store import look as seen\ndef f(o):\n    o.n = seen(o)\n",
        store="def look(o):\n    return o.n\n",
    )
    assert sources(trace, "o.n = seen(o)") == {"o.n"}


def test_functions_that_go_on_and_on_are_followed_to_an_end(rewritten: Rewritten) -> None:
    calls = "\n".join(f"def f{n}(o):\n    return f{n + 1}(o) or o.a{n}" for n in range(400))
    trace = rewritten(many=f"{calls}\ndef f400(o):\n    return f0(o)\ndef g(o):\n    o.n = f0(o)\n")
    found = [site for site in trace.sites if site.text == "o.n = f0(o)"][-1]
    assert len(found.sources) == 256
