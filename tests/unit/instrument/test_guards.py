"""Which tests guard what follows them: those that are made up for, failed look-ups, counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., tuple[Any, dict[str, Any]]]


def guards(trace: Any, text: str) -> set[str]:
    """The texts of the sites that guard the act with this text."""
    found = [s for s in trace.sites if s.text == text][-1]
    return {trace.sites[number - 1].text for number in found.guards}


PREPARED = """
import threading
shelf, other, table, ready = [1], [1], {1: 1}, None
room = threading.Condition()
def refill():
    shelf.append(2)
def log(text):
    return text
def f(k):
    global ready
"""


@pytest.mark.parametrize(
    ("body", "act"),
    [
        ("if not shelf: room.wait()", "shelf.pop()"),
        ("if not shelf: room.wait_for(bool)", "shelf.pop()"),
        ("if not shelf: refill()", "shelf.pop(0)"),
        ("if shelf: pass\n    else: refill()", "shelf.pop()"),
        ("if len(shelf) == 0: shelf.append(1)", "shelf.pop()"),
        ("if not shelf: shelf[:] = [1]", "shelf.pop()"),
        ("if k not in table: table[k] = 1", "del table[k]"),
        ("if k not in table: table.setdefault(k, 1)", "table.pop(k)"),
        ("with room:\n        if not shelf: room.wait()\n        print()", "shelf.remove(1)"),
        ("for _ in ():\n      while not shelf: break\n    if not shelf: refill()", "shelf.pop()"),
    ],
)
def test_a_test_whose_body_makes_up_for_it_guards_what_takes(run: Run, body: str, act: str) -> None:
    inner = "        " if body.startswith("with") else "    "
    trace, _ = run(PREPARED + f"    {body}\n{inner}{act}\n")
    assert guards(trace, act) & {"shelf", "len(shelf)", "k not in table"}


@pytest.mark.parametrize(
    ("body", "act"),
    [
        ("if not shelf: print('empty')", "shelf.pop()"),
        ("if not shelf: other.append(1)", "shelf.pop()"),
        ("if not shelf: refill()", "shelf.append(3)"),
        ("if not shelf: shelf.sort()", "shelf.pop()"),
        ("if ready is None: ready = 1", "ready = 2"),
        ("if k not in table: table[k] = 1", "table[k] = 2"),
        ("if k not in table: other[0] = 1", "del table[k]"),
        ("for _ in ():\n        if not shelf: refill()", "shelf.pop()"),
        ("if k:\n        if not shelf: refill()", "shelf.pop()"),
        ("def g():\n        if not shelf: room.wait()", "shelf.pop()"),
    ],
)
def test_a_test_that_is_not_made_up_for_guards_nothing_after_it(
    run: Run, body: str, act: str
) -> None:
    trace, _ = run(PREPARED + f"    {body}\n    {act}\n")
    assert guards(trace, act) <= {"k"}


@pytest.mark.parametrize(
    ("body", "act"),
    [
        ("if len(shelf) > 1: room.wait()", "shelf.append(2)"),
        ("if 1 in table:\n        room.wait(1)", "table[1] = 2"),
        ("if shelf:\n        with room: room.wait()", "shelf.insert(0, 1)"),
    ],
)
def test_who_waits_once_for_room_counts_on_it(run: Run, body: str, act: str) -> None:
    trace, _ = run(PREPARED + f"    {body}\n    {act}\n")
    assert guards(trace, act) & {"shelf", "len(shelf)", "1 in table"}


@pytest.mark.parametrize(
    ("body", "act"),
    [
        ("if len(shelf) > 1: room.wait_for(bool)", "shelf.append(2)"),
        ("if shelf:\n        while shelf: room.wait()", "shelf.append(2)"),
        ("if ready: room.wait()", "ready = 2"),
        ("if shelf: refill()", "shelf.append(2)"),
    ],
)
def test_who_looks_again_or_changes_something_else_does_not(run: Run, body: str, act: str) -> None:
    trace, _ = run(PREPARED + f"    {body}\n    {act}\n")
    assert guards(trace, act) == set()


@pytest.mark.parametrize(
    ("loop", "act"),
    [
        ("for k in list(table)", "del table[k]"),
        ("for k, v in sorted(table.items())", "table.pop(k)"),
        ("for k in shelf.copy()", "shelf.remove(k)"),
    ],
)
def test_what_removes_each_part_of_a_copy_is_guarded_by_it(run: Run, loop: str, act: str) -> None:
    trace, _ = run(PREPARED + f"    {loop}:\n        {act}\n")
    assert act in guards(trace, act)
    assert guards(trace, act) & {"list(table)", "sorted(table.items())", "shelf.copy()"}


@pytest.mark.parametrize(
    ("loop", "act"),
    [
        ("for k in list(table):\n        if k[0] == 'a'", "del table[k]"),
        ("for k in list(table):\n        if k in other: continue\n        if 1", "del table[k]"),
        ("for k in list(table)", "table.pop(k, None)"),
        ("for k in [x for x in table if x]", "del table[k]"),
        ("for x in list(table)", "del table[k]"),
    ],
)
def test_what_is_chosen_or_may_have_gone_is_no_act_on_each_part(
    run: Run, loop: str, act: str
) -> None:
    trace, _ = run(PREPARED + f"    {loop}:\n            {act}\n")
    assert act not in guards(trace, act)


@pytest.mark.parametrize("call", ["done()", "table['done']()", "self.done()", "log(k)()"])
def test_a_guarded_call_of_what_was_handed_over_has_a_site(run: Run, call: str) -> None:
    source = PREPARED.replace("f(k)", "f(k, self, done)") + f"    if ready:\n        {call}\n"
    trace, _ = run(source)
    assert guards(trace, call) == {"ready"}


def test_a_read_that_a_function_returns_is_its_own_source(run: Run) -> None:
    trace, _ = run(PREPARED + "    first = shelf[0]\n    shelf[-1]\n    return first\n")
    sites = {site.text: site for site in trace.sites}
    assert sites["shelf[0]"].id in sites["shelf[0]"].sources
    assert not sites["shelf[-1]"].sources


LOOKED_UP = """
table, cells = {}, [1]
class Box: pass
box = Box()
def f(k):
    try:
        found = table[k], cells[k], box.value
    except ERROR:
        BODY
    AFTER
"""


@pytest.mark.parametrize(
    "error",
    [
        "KeyError",
        "IndexError",
        "LookupError as e",
        "(OSError, KeyError)",
        "AttributeError",
        "ValueError",
        "StopIteration",
        "Exception",
        "BaseException as e",
        "builtins.KeyError",
    ],
)
def test_a_handler_of_a_failed_look_up_is_guarded_by_it(run: Run, error: str) -> None:
    source = LOOKED_UP.replace("ERROR", error).replace("AFTER", "pass")
    trace, _ = run(source.replace("BODY", "box.value = table[k] = 1"))
    assert {"table[k]", "box.value"} <= guards(trace, "table[k]")
    assert {"table[k]", "box.value"} <= guards(trace, "box.value")


@pytest.mark.parametrize("error", ["OSError", "(TypeError, OSError)", "queue.Empty"])
def test_a_handler_of_something_else_is_not(run: Run, error: str) -> None:
    source = LOOKED_UP.replace("ERROR", error).replace("AFTER", "pass")
    trace, _ = run(source.replace("BODY", "table.clear()"))
    assert guards(trace, "table.clear()") == set()


@pytest.mark.parametrize(
    ("body", "guarded"),
    [("return", True), ("raise", True), ("print()", False), ("table[k] = 1", False)],
)
def test_who_did_not_find_it_does_not_come_to_what_follows(
    run: Run, body: str, guarded: bool
) -> None:
    source = LOOKED_UP.replace("ERROR", "KeyError").replace("BODY", body)
    trace, _ = run(source.replace("AFTER", "del table[k]"))
    assert ("table[k]" in guards(trace, "del table[k]")) is guarded


@pytest.mark.parametrize("body", ["return", "print()"])
def test_what_follows_if_it_is_found_is_guarded(run: Run, body: str) -> None:
    source = LOOKED_UP.replace("ERROR", "KeyError").replace("BODY", body)
    trace, _ = run(source.replace("AFTER", "else: table.clear()"))
    assert "table[k]" in guards(trace, "table.clear()")


@pytest.mark.parametrize(
    ("act", "found"),
    [
        ("ids[k] = len(ids)", "len(ids)"),
        ("ids[k] = 'n' + str(len(ids) + 1)", "len(ids)"),
        ("ids[len(ids)] = k", "len(ids)"),
        ("ids[max(ids) + 1] = k", "max(ids)"),
        ("items.append(len(items))", "len(items)"),
        ("items.insert(items.index(k), 0)", "items.index(k)"),
        ("items.insert(bisect.bisect(items, k), k)", "bisect.bisect(items, k)"),
        ("del items[n - 1]", "len(items)"),
        ("del ids[min(ids)]", "min(ids)"),
        ("ids.pop(next(iter(ids)))", "iter(ids)"),
        ("items.append(n)", "len(items)"),
        ("items.append(size())", "len(items)"),
        ("ids[f'{n}'] = k", "len(items)"),
        ("ids[k] = n, k", "len(items)"),
    ],
)
def test_what_is_numbered_by_a_length_counts_on_it(run: Run, act: str, found: str) -> None:
    trace, _ = run(
        f"""
        import bisect
        ids, items = {{}}, []
        def size():
            return len(items)
        def f(k):
            n = len(items)
            {act}
        """
    )
    assert guards(trace, act) == {found}


@pytest.mark.parametrize(
    "act", ["ids[k] = list(ids)", "ids[k] = sum(ids)", "ids[k] = k", "ids.update(ids)"]
)
def test_what_is_made_of_the_contents_without_a_count_is_not_checked(run: Run, act: str) -> None:
    trace, _ = run(f"ids = {{}}\ndef f(k):\n    {act}\n")
    assert guards(trace, act) == set()


def test_bool_asks_whether_something_is_in_a_container(run: Run) -> None:
    trace, _ = run(PREPARED + "    some = bool(shelf)\n    if some: shelf.pop()\nf(1)\n")
    assert "shelf" in guards(trace, "shelf.pop()")
    looks = [e.value for e in trace.events if e.location and e.location.name == "shelf[*]"]
    assert looks == [True, 1]


@pytest.mark.parametrize(
    "act",
    [
        "ready = ready or []",
        "table['x']: list = table.get('x') or []",
        "ready = k and ready or []",
        "ready = [] if ready is None else ready",
        "ready = ready if ready else []",
        "table['x'] = table.get('x') or []",
        "table[k] = table[k] + 1 if k in table else 1",
    ],
)
def test_a_store_of_what_is_made_if_it_is_missing_is_guarded(run: Run, act: str) -> None:
    trace, _ = run(PREPARED + f"    {act}\n")
    assert guards(trace, act) & {"ready", "k in table", "table.get('x')"}


@pytest.mark.parametrize(
    "act",
    [
        "ready = other[0] or 1",
        "ready = 1 if other else 2",
        "table['x'] = shelf or other",
        "ready = ready and 1",
        "ready = other or ready",
    ],
)
def test_a_store_of_what_rests_on_something_else_is_not(run: Run, act: str) -> None:
    trace, _ = run(PREPARED + f"    {act}\n")
    assert guards(trace, act) == set()
