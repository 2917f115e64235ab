"""Why a wait does not end: who did before what would end it, and what has become of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from .. import printing
from ..events import Event, Object, Op, Outcome
from .forks import copied_lock
from .scene import Scene, at, listed

_MOST = 3


def of(scene: Scene, wait: Event) -> Iterator[str]:
    """Sentences on the wait, which is a REQUEST; none where the other waits say all."""
    if copied := copied_lock(scene, wait):
        yield copied
        return
    if stuck := unsent(scene, wait):
        yield stuck
        return
    if wait.object is not None and (tell := _OF.get(_kind(wait))) is not None:
        yield from tell(scene, wait, wait.object)


def advice(scene: Scene, wait: Event) -> str:
    """What to do about the wait that the others depend on."""
    name = wait.object.name if wait.object is not None else "it"
    kind = _kind(wait)
    if kind == "event" and wait.object is not None and scene.events(wait.object, Op.SET):
        return (
            "Who comes after clear() has missed the signal: leave the event set, or let the wait"
            " depend on a state, with a Condition (while not ready: cond.wait())."
        )
    if kind == "result" and wait.object is not None and _died_at(scene, wait.object):
        return (
            "A Pool never gives the task of a worker that died to another one: use"
            " concurrent.futures.ProcessPoolExecutor, which raises BrokenProcessPool, or"
            " get(timeout=…)."
        )
    return _ADVICE.get(kind, _ADVICE["any"]).format(name=name)


def deaths(scene: Scene, told: str) -> list[str]:
    """The threads that died of an exception, which may have been the ones that were waited for;
    without those of which it is `told`."""
    failed = [
        end
        for end in scene.ends.values()
        if end.outcome is Outcome.RAISED
        and end.value != "SystemExit"
        and scene.fate(end.thread) not in told
    ]
    dead = [
        f"{end.thread.label} had died of {printing.name(str(end.value))}{at(end)}"
        for end in failed[:_MOST]
    ]
    if len(failed) > _MOST:
        dead.append(f"{len(failed) - _MOST} more had died of exceptions")
    return [f"Before that {listed(dead)}."] if dead else []


def unsent(scene: Scene, wait: Event) -> str | None:
    """Where a process waits until what it has put into its queues is taken: which, and how much."""
    feeder = wait.object.thread if wait.object is not None and wait.value == "join" else None
    if feeder is None or not feeder.internal or feeder.process is not wait.thread.process:
        return None
    process = feeder.process
    put = Counter(
        event.object
        for event in scene.trace.events.filter(op=Op.PUT, seq_range=(0, scene.until))
        if event.object is not None and event.thread.process is process
    )
    for queue, count in put.items():
        taken = len(scene.events(queue, Op.GET))
        if taken < len(scene.events(queue, Op.PUT)):
            name = process.name or process.path
            return (
                f"{name} has put {count} {'item' if count == 1 else 'items'} into {queue.name}, of"
                f" which {taken} were taken: it cannot end before all are taken."
            )
    return None


def _kind(wait: Event) -> str:
    """What sort of wait it is."""
    word = wait.value if isinstance(wait.value, str) else ""
    kind = wait.object.kind if wait.object is not None else ""
    if word == "join":
        return "queue join" if kind.endswith("Queue") else "join"
    if word == "acquire":
        return "semaphore" if kind.endswith("Semaphore") else "lock"
    if word == "wait":
        return {"Event": "event", "Condition": "condition", "Barrier": "barrier"}.get(kind, "any")
    return word


def _who(scene: Scene, did: str, events: Sequence[Event], wait: Event) -> str:
    """`main set it last at x.py:3, before this wait, and waits itself; …`."""
    parts = []
    for event in events[:_MOST]:
        when = ", before that wait" if event.seq < wait.seq else ""
        fate = scene.fate(event.thread)
        parts.append(
            f"{event.thread.label} {did}{at(event)}{when}" + (f", and {fate}" if fate else "")
        )
    return "; ".join(parts)


def _last(scene: Scene, wait: Event, on: Object, op: Op, did: str, done: str) -> str:
    """Who did `op` to the object last, or that nobody has; its name goes into both wordings."""
    events = scene.last_by_thread(on, op)
    if events:
        return f"{_who(scene, did.replace('{}', on.name), events, wait)}."
    return f"Nobody has {done.replace('{}', on.name)} in this run."


def _event(scene: Scene, wait: Event, on: Object) -> Iterator[str]:
    sets = scene.last_by_thread(on, Op.SET)
    if not sets:
        yield f"Nobody has set {on.name} in this run."
        return
    text = _who(scene, f"set {on.name} last", sets, wait)
    cleared = scene.last_by_thread(on, Op.CLEAR)
    if cleared and cleared[0].seq > sets[0].seq:
        text += f"; {cleared[0].thread.label} cleared it after that{at(cleared[0])}"
    yield f"{text}."


def _condition(scene: Scene, wait: Event, on: Object) -> Iterator[str]:
    yield _last(scene, wait, on, Op.NOTIFY, "notified {} last", "notified {}")


def _lock(scene: Scene, wait: Event, on: Object) -> Iterator[str]:
    taken = scene.holder(on)
    if taken is not None and taken.thread is not wait.thread:
        fate = scene.fate(taken.thread)
        yield (
            f"{taken.thread.label} holds {on.name}, which it took{at(taken)}"
            + (f", and {fate}" if fate else "")
            + "."
        )


def _semaphore(scene: Scene, wait: Event, on: Object) -> Iterator[str]:
    permits: Counter[int] = Counter()
    for event in scene.events(on, Op.ACQUIRE, Op.RELEASE):
        permits[event.thread.id] += 1 if event.op is Op.ACQUIRE else -1
    taken = scene.last_by_thread(on, Op.ACQUIRE)
    kept = [event for event in taken if permits[event.thread.id] > 0]
    if kept:
        yield f"{_who(scene, f'did not release {on.name}, which it acquired', kept, wait)}."
    released = scene.last_by_thread(on, Op.RELEASE)
    if released:
        yield f"{_who(scene, f'released {on.name} last', released, wait)}."
    elif not kept:
        yield f"Nobody has released {on.name} in this run."


def _barrier(scene: Scene, wait: Event, on: Object) -> Iterator[str]:
    arrived = scene.events(on, Op.ARRIVE)
    last = [event for event in arrived if event.value == arrived[-1].value]
    came = list(dict.fromkeys(event.thread.label for event in last))
    yield f"{listed(came)} {'has' if len(came) == 1 else 'have'} come to {on.name}; more must come."
    others = [
        event
        for event in scene.last_by_thread(on, Op.ARRIVE)
        if event.thread not in [one.thread for one in last]
    ]
    if others:
        yield f"{_who(scene, f'came to {on.name} last', others, wait)}."


def _get(scene: Scene, wait: Event, on: Object) -> Iterator[str]:
    yield _last(scene, wait, on, Op.PUT, "put the last item into {}", "put anything into {}")


def _put(scene: Scene, wait: Event, on: Object) -> Iterator[str]:
    yield _last(scene, wait, on, Op.GET, "took the last item from {}", "taken anything from {}")


def _queue_join(scene: Scene, wait: Event, on: Object) -> Iterator[str]:
    put, done = len(scene.events(on, Op.PUT)), len(scene.events(on, Op.TASK_DONE))
    items = "1 item was" if put == 1 else f"{put} items were"
    yield f"{items} put into {on.name}, and task_done() was {_called(done)}."
    got, said = (
        Counter(event.thread for event in scene.events(on, op)) for op in (Op.GET, Op.TASK_DONE)
    )
    for event in scene.last_by_thread(on, Op.GET)[:_MOST]:
        if got[event.thread] > said[event.thread]:
            name, fate = event.thread.label, scene.fate(event.thread)
            yield (
                f"{name} took {got[event.thread]}, the last{at(event)}, and task_done() was"
                f" {_called(said[event.thread])}" + (f"; it {fate}" if fate else "") + "."
            )
    if not got:
        yield f"Nobody has taken any item from {on.name}."


def _called(count: int) -> str:
    """How often a method was called."""
    return {0: "never called", 1: "called once"}.get(count, f"called {count} times")


def _result(scene: Scene, wait: Event, on: Object) -> Iterator[str]:
    given = scene.events(on, Op.SUBMIT)
    if not given:
        yield f"Nobody has set a result of {on.name} in this run."
        return
    task = f"The task {printing.name(str(given[0].value))}, given{at(given[0])}"
    at_it = _at_it(scene, on)
    if not at_it:
        yield f"{task}, was not begun: no thread of its pool was free for it."
    fates: dict[str, list[str]] = {}
    for run in at_it:
        fates.setdefault(scene.fate(run.thread), []).append(run.thread.label)
    for fate, names in fates.items():
        told = f", which {fate}" if fate else ""
        if fate and len(names) > 1:
            they = fate.replace("waits itself", "wait too").replace("has ", "have ")
            told = f", and they {they}"
        yield f"{task}, was begun by {listed(names)}{told}."


def _at_it(scene: Scene, task: Object) -> list[Event]:
    """The RUN of each thread that has begun with the task, or a part of it, and not finished."""
    at_it: dict[int, Event] = {}
    for event in scene.events(task, Op.RUN, Op.FINISH):
        if event.op is Op.RUN:
            at_it[event.thread.id] = event
        else:
            at_it.pop(event.thread.id, None)
    return list(at_it.values())


def _died_at(scene: Scene, task: Object) -> bool:
    return any(scene.exit_status(run.thread.process) is not None for run in _at_it(scene, task))


_OF: dict[str, Callable[[Scene, Event, Object], Iterator[str]]] = {
    "event": _event,
    "condition": _condition,
    "lock": _lock,
    "semaphore": _semaphore,
    "barrier": _barrier,
    "get": _get,
    "put": _put,
    "queue join": _queue_join,
    "result": _result,
}

_ADVICE = {
    "event": (
        "Set {name} on every path of who is to set it, also where its work fails (try: …"
        " finally: {name}.set()); or give wait() a timeout."
    ),
    "condition": (
        "Let the wait depend on a state that is changed under the same lock as it is notified"
        " (while not ready: {name}.wait()), and use notify_all() where several wait."
    ),
    "lock": (
        "Release {name} on every path of who takes it: with {name}: … does so after an exception,"
        " too."
    ),
    "semaphore": (
        "Release {name} as often as it is acquired, on every path: with {name}: … does so after an"
        " exception, too."
    ),
    "barrier": (
        "Let as many threads come as {name} has parties; where one may fail, let it call"
        " {name}.abort(), or give wait() a timeout."
    ),
    "get": (
        "End each consumer with an item of its own that says so (one None for each), put also where"
        " the producer fails; or give get() a timeout."
    ),
    "put": (
        "Let somebody take items as long as others put them; or give put() a timeout, and catch"
        " queue.Full."
    ),
    "queue join": (
        "Call {name}.task_done() once for each item that was taken, also where its work fails (try:"
        " … finally: {name}.task_done())."
    ),
    "result": (
        "Let no task wait for another one of the same pool, nor for what comes after it; set a"
        " result or an exception on every path, or give result() a timeout."
    ),
    "recv": (
        "Let one end send first; close the ends that a process does not use, so that recv() raises"
        " EOFError when the other process has gone."
    ),
    "any": "Let somebody end the wait on every path, or give it a timeout.",
}
