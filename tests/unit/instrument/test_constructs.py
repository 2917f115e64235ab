"""Every construct means what it means without rewriting: results, errors, tracebacks."""

from __future__ import annotations

import sys
import textwrap
import traceback
from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., tuple[Any, dict[str, Any]]]

# Each leaves what it found out in `log`.
SNIPPETS = {
    "order_of_evaluation": """
        class Spy:
            def __init__(self): object.__setattr__(self, "d", {})
            def __getattr__(self, n): log.append(("get", n)); return self.d.get(n, 0)
            def __setattr__(self, n, v): log.append(("set", n, v)); self.d[n] = v
            def __getitem__(self, k): log.append(("item", k)); return self.d.get(k, 0)
            def __setitem__(self, k, v): log.append(("store", str(k), v)); self.d[str(k)] = v
            def __delitem__(self, k): log.append(("remove", k))
        def say(x): log.append(x); return x
        s = Spy()
        def me(): log.append("me"); return s
        me().a = say(1)
        me()[say("k")] = say(2)
        me().a += say(3)
        me()[say("k")] += say(4)
        me().a = me()[say("q")] = log2 = say(5)
        (me().b, me()[say("t")]), *me().c = (say(1), 2), 3, 4
        for me().i in [1, 2]: pass
        del me()[say("k")], me()[say("l")]
        me()[say(1):say(2), say(3)] = say(4)
    """,
    "augmented_operators": """
        n = 7
        class C: v = 7
        c, d = C(), {0: 7}
        def f():
            global n
            n += 1; n -= 2; n *= 3; n //= 2; n %= 7; n **= 2; n <<= 3; n >>= 1; n |= 5; n &= 15
            n ^= 3; n /= 2
            c.v += 1; c.v -= 2; c.v *= 3; c.v //= 2; c.v **= 2; c.v ^= 3; c.v /= 2
            d[0] += 1; d[0] <<= 2; d[0] %= 5; d[0] |= 8
            log.extend([n, c.v, d[0]])
            class M:
                def __matmul__(self, o): return ("mat", o)
            n = M()
            n @= 3
            log.append(n)
        f()
    """,
    "augmented_mutates_in_place": """
        a = b = [1]
        def f():
            global a
            a += [2]
            a[0:1] += [9]
        f()
        log.append((a, b, a is b))
    """,
    "closures": """
        def outer():
            n, fs = 0, []
            for i in range(3):
                def f(k=i):
                    nonlocal n
                    n += k
                    return n, i
                fs.append(f)
            fs.append(lambda: (i, n))
            return [f() for f in fs] + [n]
        log.append(outer())
        log.append([f() for f in [lambda: i for i in range(3)]])
    """,
    "comprehensions": """
        xs = [3, 1, 2]; m = {"a": 1}
        def f():
            global xs
            xs = sorted(xs)
            log.append([x * y for x in xs if x > 1 for y in xs if y])
            log.append({x: [z for z in range(x)] for x in xs})
            log.append({x for x in xs} | set(m))
            log.append(list(x for x in xs))
            log.append([(last := x) for x in xs] + [last])
            log.append([*xs, *m, *m.values()])
            log.append({**m, "b": 2})
            log.append(dict(**m, c=3))
        f()
        class K:
            items = [1, 2]
            twice = [i * 2 for i in items]
        log.append(K.twice)
    """,
    "generators": """
        n = 0
        def g():
            global n
            while n < 3:
                n += 1
                got = yield n
                log.append(got)
            yield from [n, n]
            return n
        it = g(); log.append(next(it)); log.append(it.send("x")); log.extend(it)
    """,
    "coroutines": """
        import asyncio
        total = 0
        class A:
            async def __aenter__(self): return 5
            async def __aexit__(self, *a): pass
        async def numbers():
            for i in range(3):
                yield i
        async def main():
            global total
            async for total in numbers(): pass
            async with A() as total: pass
            total += await asyncio.sleep(0, 3)
            return total, [x async for x in numbers()]
        log.append(asyncio.run(main()))
    """,
    "match": """
        got = None
        class P:
            __match_args__ = ("x",)
            def __init__(self, x): self.x = x
        def f(v):
            global got
            match v:
                case {"k": got, **rest}: return "map", got, rest
                case [1, *got] if len(got) > 1: return "many", got
                case [1, *_]: return "few", got
                case P(x=got): return "p", got
                case int() | str() as got: return "scalar", got
                case _: return "none", got
        log.extend(f(v) for v in [{"k": 1, "z": 2}, [1, 2, 3], [1, 2], P(4), 5, "s", None])
    """,
    "classes": """
        count = 0
        class Meta(type):
            def __new__(m, name, bases, ns, **kw): return super().__new__(m, name, bases, ns)
        class A(metaclass=Meta, flag=1):
            "doc"
            __slots__ = ("x", "__y")
            n = 1
            n += 1
            def __init__(self): self.x = 1; self.__y = 2; self.__y += 1
            def get(self): return self.x, self.__y
            @property
            def p(self): return self.x
            @p.setter
            def p(self, v): self.x = v
            @classmethod
            def made(cls): global count; count += 1; return cls()
        class B(A):
            def get(self): return ("b", *super().get(), __class__.__name__)
        b = B.made(); b.p += 5; b.extra = 1
        log.append((b.get(), b.p, b.extra, count, A.n, A.__doc__, sorted(vars(b))))
    """,
    "descriptors": """
        class D:
            def __get__(self, o, t): log.append("get"); return 3
            def __set__(self, o, v): log.append(("set", v))
            def __delete__(self, o): log.append("delete")
        class C: d = D()
        c = C(); c.d; c.d = 4; c.d += 1; del c.d; C.d
    """,
    "deletion": """
        n = m = 1
        class C: pass
        c = C(); c.x = 1; d = {1: 2, 3: 4}; a = [1, 2, 3]
        def f():
            global n, m
            del n, (c.x, [d[1]]), a[0], a[-1:], m
            try: n
            except NameError as e: log.append(str(e))
            log.append((hasattr(c, "x"), d, a))
            k = 1
            def g(): return k
            del k
            try: g()
            except NameError as e: log.append((type(e).__name__, str(e)))
        f()
    """,
    "exceptions": """
        err = 0
        def f():
            global err
            try:
                raise ValueError("x")
            except ValueError as err:
                log.append(repr(err))
            log.append("err" in globals())
            try: raise ExceptionGroup("g", [TypeError("t")])
            except* TypeError as group: log.append(len(group.exceptions))
            err = 0
            try:
                err, d = 1, {}["missing"]
            except KeyError as e: log.append((err, e.args))
            finally: err = 9
        f(); log.append(err)
    """,
    "strings": """
        n, w = 3, 10
        def f():
            global n, w
            n += 1; w += 1
            log.append(f"{n=} {n!r:>{w}} {'a' + str(n)} {[x for x in range(n)]}")
        f()
    """,
    "tests": """
        a, e, z = [1], [], 0
        def f():
            global z
            z += 1
            log.append((not a, not e, a and 5, e or "no", 1 if e else 2, bool(a)))
            if not (a and e) and z: log.append("yes")
            while a: a.pop()
            assert not a, "message"
            log.append((1 in e, 2 not in [2], 0 < z in [1, 2], len(e)))
        f()
    """,
    "container_methods": """
        import collections
        d = collections.defaultdict(list); d["a"].append(1); d["b"]
        q = collections.deque([1, 2], maxlen=3); q.appendleft(0); q.rotate(1); q[0] = 7
        o = collections.OrderedDict(a=1, b=2); o.move_to_end("a"); o["c"] = 3
        s = {1}; s.add(2); s |= {3}; s.discard(9); s.update([4], (5,))
        b = bytearray(b"ab"); b.append(99); b[0] = 65; b += b"!"
        c = collections.Counter("hello"); c["l"] += 1; c.update("x")
        log.extend([dict(d), list(q), list(o.items()), sorted(s), bytes(b), c.most_common(1)])
        log.append((d.get("zz"), d.pop("a"), d.setdefault("n", 4), q.pop()))
        log.append(sorted([3, 1], reverse=True))
        x = [3, 1]; x.sort(key=lambda v: -v); x.insert(0, 9); x.extend(s); log.append(x)
        log.append((max(x), sum(x), list(zip(x, "ab")), list(enumerate(x))[:1], x[1:3], x[::-1][0]))
    """,
    "calls": """
        def f(*a, **k): return a, k
        args, kw = [1, 2], {"x": 3}
        def g():
            global args
            args = args + [3]
            log.append(f(*args, 4, *"ab", y=5, **kw))
            log.append(print.__name__)
            log.append(sorted(locals()))
        g()
        class Q:
            def get(self, *, timeout): return timeout
            pop = clear = get
        log.append((Q().get(timeout=1), Q().pop(timeout=2)))
    """,
    "annotations": """
        n: int = 1
        bare: "missing"
        class C:
            x: int = 2
            y: str
        def f(a: int = n) -> int:
            k: int = 4
            c = C(); c.x: int = 5; c.z: "anything" = 6
            return k, c.x + c.z
        def g():
            global n
            n = 5
        g()
        own = globals().get("__annotations__") or globals()["__annotate__"](1)  # up to 3.13, since
        log.append((f(), n, C.__annotations__, own, f.__annotations__))
    """,
    "decorators_and_defaults": """
        calls = []
        def deco(x):
            def inner(f): calls.append((x, f.__name__)); return f
            return inner
        n = 0
        def step():
            global n
            n += 1
            return n
        @deco(step())
        @deco(step())
        def f(a=step(), *, b=step()): return a, b, n
        log.append((f(), calls))
        h = lambda a=n: a + n
        log.append(h())
    """,
    "nested_scopes": """
        x = "global"
        def f():
            x = "f"
            class C:
                x = x if False else "class"
                def m(self): return x
            def g():
                global x
                x = "changed"
                return x
            return C.x, C().m(), g(), x
        log.append((f(), x))
    """,
}
if sys.version_info >= (3, 12):
    SNIPPETS["type_parameters"] = """
        n = 0
        def f[T](x: T) -> T:
            global n
            n += 1
            return x
        class C[T]:
            v: T
            def m(self, x: T): return x, n, T.__name__
        type A[T] = list[T] | C[T]
        log.append((f(3), C().m(4), A.__name__, C[int].__name__))
    """


if sys.version_info >= (3, 14):
    SNIPPETS["lazy_annotations"] = """
        from annotationlib import Format, get_annotations
        class C:
            n = 0
            x: Later = 1
            if n == 0:
                y: list[Later]
        def f(a: Later, *, b: many[0]) -> Later.part: ...
        counter = 5
        def g(a: counter): ...
        def up():
            global counter
            counter += 1
        up()
        log.append([get_annotations(owner, format=Format.STRING) for owner in (f, C)])
        log.append(str(get_annotations(C, format=Format.FORWARDREF)["x"]))
        try: f.__annotations__
        except NameError as error: log.append(str(error))
        class Later: part = 3
        many = [1]
        log.append((f.__annotations__["b"], f.__annotations__["return"], g.__annotations__))
        log.append(C.__annotations__["y"] == list[Later])
    """
    SNIPPETS["template_strings"] = """
        n, d = 7, {"k": 1}
        def f():
            global n
            n += 1
            d["k"] += 1
            made = t"a {n} b {d['k']!r:>{n}} {n = }"
            return made.strings, [(p.value, p.expression, p.conversion, p.format_spec)
                                  for p in made.interpolations]
        log.extend([f(), f()])
    """
    SNIPPETS["handlers_without_parentheses"] = """
        errors = 0
        def f(error):
            global errors
            try: raise error
            except ValueError, KeyError:
                errors += 1
                return errors
        log.append((f(ValueError()), f(KeyError())))
    """


if sys.version_info >= (3, 15):
    SNIPPETS["unpacking_comprehensions"] = """
        lists, tables = [[1, 2], [3]], [{"a": 1}, {"b": 2}]
        def f():
            lists.append([4])
            tables.append({"a": 3})
            return ([*part for part in lists], {*part for part in lists},
                    {**table for table in tables}, list((*part for part in lists)))
        log.append(f())
    """
    SNIPPETS["lazy_imports"] = """
        import sys
        sys.modules.pop("this_is_lazy", None), sys.modules.pop("colorsys", None)
        lazy import colorsys
        lazy from colorsys import rgb_to_hsv as convert
        lazy import this_is_missing
        log.append("colorsys" in sys.modules)
        def f():
            return convert(0, 0, 1), colorsys.ONE_THIRD
        log.append((f(), "colorsys" in sys.modules))
        try: this_is_missing.x
        except ImportError as error: log.append(str(error))
        if len(log) > 100: colorsys = None
    """
    SNIPPETS["frozen_dicts"] = """
        d = frozendict(a=1)
        def f():
            global d
            d |= {"b": 2}
            return d["b"], "a" in d, len(d), [k for k in d], {**d}
        log.append(f())
        try: d["c"] = 1
        except TypeError as error: log.append(str(error))
    """


@pytest.mark.parametrize("scheduling", [False, True])
@pytest.mark.parametrize("name", SNIPPETS)
def test_same_as_plain(run: Run, name: str, scheduling: bool) -> None:
    source = textwrap.dedent(SNIPPETS[name])
    plain: list[object] = []
    exec(
        compile(source, "prog.py", "exec", dont_inherit=True),
        {"__name__": "__main__", "log": plain},
    )
    rewritten: list[object] = []
    run(source, log=rewritten, scheduling=scheduling)
    assert plain
    assert rewritten == plain


FAILURES = {
    "unknown_global": "def f():\n    global n\n    n += 1\nf()\n",
    "unknown_read": "n = 0\nn = 1\ndef f():\n    return n\ndel n\nf()\n",
    "unbound_local": "def f():\n    g = lambda: n\n    n += 1\nf()\n",
    "attribute": "class C: pass\nc = C()\nx = (c.\n  missing)\n",
    "augmented_attribute": "class C: pass\nc = C()\nc.missing += 1\n",
    "key": "d = {}\nprint(d[\n 'k'])\n",
    "augmented_type": "n = 0\ndef f():\n    global n\n    n += 'x'\nf()\n",
    "append_to_none": "x = None\nx.append(1)\n",
    "length": "x = 5\nlen(x)\n",
    "membership": "x = 5\n1 in x\n",
    "not_iterable": "x = 5\nfor y in x: pass\n",
    "star": "x = 5\nprint(*x)\n",
    "unpack": "x = [1, 2, 3]\na, b = x\n",
    "store": "x = ()\nx[0] = 1\n",
    "read_only": "x = 5\nx.real = 1\n",
    "bad_target": "x = ()\nfor x[0] in [1]: pass\n",
    "method_arguments": "a = []\na.append()\n",
    "deep": "n = [0]\ndef f(k):\n    return f(k - 1) if k else n[1]\nf(3)\n",
    "assertion": "n = []\nassert n, 'message'\n",
}


def failure(source: str, run: Callable[[str], object]) -> tuple[object, ...]:
    with pytest.raises(Exception) as caught:  # noqa: PT011 (the two failures are compared)
        run(source)
    frames = traceback.extract_tb(caught.value.__traceback__)
    places = [(f.lineno, f.name) for f in frames if f.filename.endswith("prog.py")]
    assert places
    return type(caught.value), str(caught.value), getattr(caught.value, "name", None), places


@pytest.mark.parametrize("scheduling", [False, True])
@pytest.mark.parametrize("name", FAILURES)
def test_same_failure_in_the_same_place(run: Run, name: str, scheduling: bool) -> None:
    def plain(source: str) -> None:
        exec(compile(source, "prog.py", "exec", dont_inherit=True), {"__name__": "__main__"})

    def rewritten(source: str) -> None:
        run(source, scheduling=scheduling)

    assert failure(FAILURES[name], rewritten) == failure(FAILURES[name], plain)


def test_docstring_and_future_import_stay_first(run: Run) -> None:
    source = (
        '"doc"\nfrom __future__ import annotations\nx = 1\nx = 2\ndef f(a: nope): return x\nf(1)\n'
    )
    _, namespace = run(source)
    assert namespace["__doc__"] == "doc"
    assert namespace["f"].__annotations__ == {"a": "nope"}


def test_no_user_code_runs_for_the_record(run: Run) -> None:
    _, namespace = run(
        """
        ran = []
        class Nosy:
            def __repr__(self): ran.append("repr"); return ""
            def __eq__(self, other): ran.append("eq"); return False
            def __hash__(self): return 1
            def __len__(self): ran.append("len"); return 1
        class Holder: pass
        value = Nosy()
        value = Nosy()
        h = Holder()
        def f():
            h.x = value
            h.x
            d = {}
            d["a"] = value
            d["a"]
        f()
        """
    )
    assert namespace["ran"] == []
