"""Deadlocks and hangs in words: who waits for what, since when, holding what, and why forever."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..events import Event, Object, Op, Thread
from . import causes
from .endings import control_of
from .forks import copied_lock
from .found import Found
from .handlers import is_in_coroutine
from .scene import Scene, at, listed

Locks = Sequence[Sequence[Object]]

_SHOWN = 12


def circle(found: Found) -> str:
    """Threads that wait for each other."""
    waits = _waits(found.scene, found.events, found.locks)
    return f"Deadlock: {'; '.join(waits)}. None of them can go on."


def hang(found: Found) -> str:
    """Threads that wait for what nobody can do any more, and why nobody can."""
    scene, events = found.scene, found.events
    waits = _waits(scene, events, found.locks)
    told = "\n".join(
        [f"Hang: {'; '.join(waits)}. None of them can go on.", *_causes(scene, events)]
    )
    return "\n".join([told, *causes.deaths(scene, told)])


def waits_for(event: Event) -> str:
    """What a request waits for: `the end of guest2`, `bell`."""
    target = event.object
    if target is None:
        return "the first of several futures"
    match event.value:
        case "join" if not target.kind.endswith("Queue"):
            return f"the end of {_joined(event, target)}"
        case "join":
            return f"all items of {target.name} to be done"
        case "get":
            return f"an item from {target.name}"
        case "put":
            return f"room in {target.name}"
        case "recv" | "poll":
            return f"a message on {target.name}"
        case "result":
            return f"the result of {target.name}"
    return target.name


def _joined(event: Event, target: Object) -> str:
    thread = target.thread
    if thread is None:
        return target.name
    if thread.internal:
        return f"a thread of the standard library, {thread.name}"
    if thread.path == thread.process.path:
        return thread.process.name or thread.process.path
    same = thread.process is event.thread.process
    return (thread.name or thread.path) if same else thread.label


def _waits(scene: Scene, events: Sequence[Event], locks: Locks) -> list[str]:
    """Who waits, a part of a sentence each; those that wait alike are one."""
    alike: dict[str, list[Event]] = {}
    for event, held in zip(events, locks, strict=True):
        owned = ", ".join(_held(scene, event.thread, lock) for lock in held)
        holding = f" holding {owned}" if owned else ""
        what = f"{waits_for(event)}{at(event)}{holding}"
        alike.setdefault(what, []).append(event)
    parts = []
    for what, waits in alike.items():
        verb = "wait" if len(waits) > 1 else "waits"
        names = listed([one.thread.label for one in waits])
        parts.append(f"{names} {verb} for {what}{_since(scene, waits)}")
    if len(parts) > _SHOWN:
        parts[_SHOWN:] = [f"and {len(parts) - _SHOWN} more wait"]
    return parts


def _since(scene: Scene, waits: Sequence[Event]) -> str:
    # Under control time is virtual, and the order says as much.
    if control_of(scene.trace) or not scene.trace.header.get("duration"):
        return ""
    times = [event.t / 1e9 for event in waits]
    first, last = f"{min(times):.1f}", f"{max(times):.1f}"
    since = first if first == last else f"{first} to {last}"
    return f", since {since} s into the run"


def _held(scene: Scene, thread: Thread, lock: Object) -> str:
    taken = scene.holder(lock, thread)
    place = at(taken).removeprefix(" at ") if taken is not None else ""
    return f"{lock.name} (taken at {place})" if place else lock.name


def _causes(scene: Scene, events: Sequence[Event]) -> list[str]:
    """Why each of the waits does not end, a sentence each, in the order of the waits."""
    found: dict[str, None] = {}
    for event in events:
        for cause in causes.of(scene, event):
            found[cause] = None
    return list(found)


def circle_advice(found: Found) -> str:
    """How to keep the threads from waiting for each other."""
    events = found.events
    if any(event.value == "join" for event in events):
        return "Let no thread wait for the end of one that waits for it, nor hold what it needs."
    if len(events) == 1:
        return (
            "A Lock is not for a thread that holds it already: release it first, or use an RLock."
        )
    return "Take the locks in the same order in every thread."


def hang_advice(found: Found) -> str:
    """What to do about it: by the wait that the others depend on."""
    scene, events, owner = found.scene, found.events, found.object
    if any(copied_lock(scene, event) for event in events):
        return (
            "After a fork only the forking thread lives on in the child, and a lock that another"
            " one held is never released there: start processes by spawn or forkserver, or fork"
            " (make the pool) before threads are started, or give the child a new lock"
            " (os.register_at_fork)."
        )
    if any(causes.unsent(scene, event) for event in events):
        return (
            "Take the items out of the queue first, and join the process then: it does not end"
            " before all that it has put is taken."
        )
    if any(event.site is not None and is_in_coroutine(event.site) for event in _roots(events)):
        return (
            "A coroutine that waits like this stops its event loop, and all others with it: use"
            " what asyncio has for it (asyncio.Queue, asyncio.Lock, asyncio.wrap_future, …) with"
            " await, or wait in another thread (asyncio.to_thread)."
        )
    on = [event for event in events if event.object is owner]
    if owner is None or (owner.thread is not None and owner.thread.internal):
        # The standard library's threads wait for what the program's do.
        on = [event for event in events if event.value != "join"]
    return causes.advice(scene, (on or list(events))[0])


def _roots(events: Iterable[Event]) -> list[Event]:
    return [event for event in events if event.op is Op.REQUEST and not event.thread.internal]
