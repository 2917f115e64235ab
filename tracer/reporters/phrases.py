"""How an event, a value and a duration are said in words, the same in every reporter."""

from __future__ import annotations

import os
from dataclasses import replace

from ..events import NO_VALUE, Event, Op, Outcome, Process, Ref, Site, Thread
from ..printing import name as shown
from ..printing import printable, quoted

_VALUE_WIDTH = 40
_MOST_CALLS = 8
_TAKES = frozenset({Op.GET, Op.RECV})
_ENDED = {
    Outcome.TIMED_OUT: "timed out",
    Outcome.INTERRUPTED: "interrupted",
    Outcome.WOULD_BLOCK: "would block",
    Outcome.BROKEN: "broken",
}

# What is asked by a LOOK, besides the value of a semaphore.
_QUESTIONS = {"Lock": "locked", "Barrier": "n_waiting"}


def value_text(value: object, width: int = _VALUE_WIDTH, at: str = "") -> str:
    """A recorded value as source would write it, cut at `width` characters, on one line.

    `at` is what the place is called that the value lies at: an object is not called so again.
    """
    if value is NO_VALUE:
        return ""
    if isinstance(value, Ref):
        return repr(replace(value, name="") if value.name == at else value)
    return quoted(value, width)


def duration(ns: int) -> str:
    """A length of time with the unit that suits it: `850 ns`, `1.2 ms`, `3.0 s`."""
    if ns < 1_000:
        return f"{ns} ns"
    if ns < 1_000_000:
        return f"{ns / 1e3:.0f} µs"
    if ns < 1_000_000_000:
        return f"{ns / 1e6:.1f} ms"
    return f"{ns / 1e9:.2f} s"


def plural(count: int, noun: str) -> str:
    """`1 event`, `1,204 events`; -y nouns are not used."""
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {noun}{'es' if noun.endswith(('s', 'ch')) else 's'}"


_OF_THREADS = frozenset({Op.START, Op.BEGIN, Op.END, Op.OBSERVE, Op.FIRE, Op.CANCEL})


def thread_of(event: Event) -> Thread | None:
    """The thread that the event's object is; None if the object is no thread.

    A queue can be joined too. A Thread's kind is the name of its class, which may be anything.
    """
    target = event.object
    if target is None:
        return None
    joins = event.op is Op.JOIN or (event.op is Op.REQUEST and event.value == "join")
    if event.op is Op.CANCEL and event.value is not NO_VALUE:
        return None  # a Future's
    if event.op in _OF_THREADS or (joins and not target.kind.endswith("Queue")):
        return target.thread
    return None


def thread_name(thread: Thread) -> str:
    return printable(thread.label)


def own_name(thread: Thread) -> str:
    """The thread's name without that of its process."""
    return printable(thread.name or thread.path)


def process_name(process: Process) -> str:
    return printable(process.name or process.path)


def _name_beside(thread: Thread, other: Thread) -> str:
    """What `other` calls the thread: a process by its name, a thread beside it by its own."""
    if thread.process is other.process:
        return own_name(thread)
    if thread.path == thread.process.path:
        return process_name(thread.process)
    return thread_name(thread)


def line_of(event: Event) -> str:
    """Where in the source, without the folder, where there is little room: `race.py:8`; empty if
    unknown."""
    return "" if event.site is None else line_of_site(event.site)


def line_of_site(site: Site) -> str:
    """The same of a site."""
    return f"{shown(os.path.basename(site.file))}:{site.line}"


def stack_text(event: Event) -> str:
    """Who called the code of the event, the innermost first: `in take (shop.py:12) ← serve
    (shop.py:40)`; empty if that is not known. What a library called that called none of the
    program's own is left out."""
    if event.site is None or not event.stack:
        return ""
    calls = [event.site, *event.stack]
    while len(calls) > 1 and _is_library(calls[-1]) and not all(map(_is_library, calls)):
        calls.pop()
    if len(calls) == 1:
        return ""
    shown = [f"{one.function} ({one.place})" for one in calls[:_MOST_CALLS]]
    return printable("in " + " ← ".join(shown + ["…"] * (len(calls) > _MOST_CALLS)))


def _is_library(site: Site) -> bool:
    return "/site-packages/" in site.file or "/dist-packages/" in site.file


def target_name(event: Event) -> str:
    """The location or object of an event as a person calls it: `num`."""
    if event.location is not None:
        return printable(event.location.short)
    thread = thread_of(event)
    if thread is not None:
        return _name_beside(thread, event.thread)
    return printable(event.object.name) if event.object is not None else ""


def ending(event: Event) -> str:
    """How the operation ended where that is worth saying: ` (timed out)`; else empty."""
    if event.op.is_access and event.outcome is Outcome.RAISED:
        return f" (raised {_plain(event.value)})"
    words = _ENDED.get(event.outcome)
    return f" ({words})" if words else ""


def phrase(event: Event, waited: int | None = None, cause: Event | None = None) -> str:
    """One event in a few words: `read num → 100`, `acquire lock (waited 1.2 ms)`.

    `waited` is how long the thread had been blocked, in ns, when the event let it go on; `cause`
    is the event that let it happen, which is where a `get` has its item from.
    """
    if cause is not None and event.op in _TAKES and event.value is NO_VALUE:
        event = replace(event, value=cause.value)
    words = _words(event) + ending(event)
    if waited is not None:
        verb = "slept" if event.op is Op.WAKE else "waited"
        words += f" ({verb} {duration(waited)})"
    return words


def _words(event: Event) -> str:
    op, name = event.op, target_name(event)
    value = value_text(event.value, at=name)
    if op.is_access and event.outcome is Outcome.RAISED:
        return f"{op.label} {name}"
    match op:
        case Op.READ:
            return f"read {name}{_result(event)}"
        case Op.WRITE:
            return f"write {name} ← {value}" if value else f"write {name}"
        case Op.UPDATE:
            return f"update {name}" + (f" ← {value}" if value else "")
        case Op.BEGIN:
            return "begin"
        case Op.END:
            return (
                f"end (raised {_plain(event.value)})" if event.outcome == Outcome.RAISED else "end"
            )
        case Op.REQUEST:
            bound = " with a timeout" if event.outcome == Outcome.BOUNDED else ""
            return f"{purpose(event)} {name}{bound}".strip()
        case Op.OBSERVE:
            return (
                f"see {name}{_alive(event.value)}" if name else f"look at threads{_result(event)}"
            )
        case Op.WAIT:
            return f"pass {name}" if event.outcome == Outcome.OK else f"wait on {name}"
        case Op.ARRIVE:
            return f"arrive at {name}"
        case Op.PUT:
            return f"put {value} → {name}" if value else f"put → {name}"
        case Op.GET:
            return f"get {name}{_result(event)}"
        case Op.TASK_DONE:
            return f"task_done {name}" + (f" ({value} left)" if value else "")
        case Op.QSIZE | Op.EMPTY | Op.FULL | Op.IS_SET:
            return f"{op.label} {name}{_result(event)}"
        case Op.LOOK:
            kind = event.object.kind if event.object is not None else ""
            return f"{_QUESTIONS.get(kind, 'value')} {name}{_result(event)}"
        case Op.SEND | Op.RECV:
            return f"{op.label} {name}{_carried(event)}"
        case Op.POLL:
            return f"poll {name}{_result(event)}"
        case Op.OPEN | Op.CLOSE:
            return f"{_plain(event.value) or op.label} {name}"
        case Op.SUBMIT:
            return f"submit {_plain(event.value)} as {name}"
        case Op.CALL:
            return f"call {name}.{_plain(event.value)}"
        case Op.RETURN:
            return f"return from {name}{_outcome(event)}"
        case Op.FINISH | Op.RESULT:
            return f"{op.label} {name}{_outcome(event)}"
        case Op.CANCEL:
            return f"cancel {name}"
        case Op.SLEEP:
            return f"sleep {_seconds(event.value)}".rstrip()
        case Op.INPUT:
            return f"{name}{_result(event)}"
        case Op.STEP if isinstance(event.value, str):
            return f"step {name} {value_text(event.value, 40)}".rstrip()
        case Op.OUTPUT:
            return f"print {value_text(_stripped(event.value), 60)}"
        case _:
            return f"{op.label} {name}".rstrip()


def purpose(event: Event) -> str:
    """What a thread that made this request waits for: `wait to acquire`; `wait for` an Event."""
    op = _plain(event.value)
    if op == "result":
        return "wait for the result of"
    if event.object is None:
        return "wait for a child" if op == "join" else "wait for futures"
    return "wait for" if op in ("", "wait") else f"wait to {op}"


def _result(event: Event) -> str:
    if event.value is NO_VALUE:
        return ""
    return f" → {value_text(event.value, at=target_name(event))}"


def _carried(event: Event) -> str:
    arrow = "←" if event.op is Op.SEND else "→"
    return "" if event.value is NO_VALUE else f" {arrow} {value_text(event.value)}"


def _outcome(event: Event) -> str:
    """What came out of a task."""
    if event.outcome == Outcome.RAISED:
        return f" raised {_plain(event.value)}".rstrip()
    return _result(event)


def _plain(value: object) -> str:
    return shown(value) if isinstance(value, str) else value_text(value)


def _alive(value: object) -> str:
    if isinstance(value, bool):
        return " alive" if value else " gone"
    return "" if value is NO_VALUE else f" ({value_text(value)})"


def _seconds(value: object) -> str:
    return f"{value:g} s" if isinstance(value, int | float) else ""


def _stripped(value: object) -> object:
    return value.rstrip("\n") if isinstance(value, str) else value
