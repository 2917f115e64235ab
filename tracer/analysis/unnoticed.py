"""What went wrong and nobody noticed: notes on a run, not findings."""

from __future__ import annotations

from collections.abc import Iterator

from .. import printing
from ..events import (
    Anything,
    Event,
    GapKind,
    Note,
    Object,
    Op,
    Outcome,
    Process,
    Ref,
    Site,
    Thread,
)
from ..log import Log
from .endings import stop_signals

_NAMED = 3  # so many are named of those that are alike

_NO_ACCESSES = [op for op in Op if not op.is_access]

_TAKES = "get"  # what a REQUEST before a GET waits for


def died(trace: Log) -> Iterator[Note]:
    """Threads and processes that an exception has ended, of which the program was not told."""
    for (error, where), names in deaths(trace).items():
        advice = "Catch it there, or hand it to who waits for what the thread was to do."
        yield Note("died", f"{_listed(names)} died of {error}{where}", advice)


def deaths(trace: Log) -> dict[tuple[str, str], list[str]]:
    """Who died of an exception of which the program was not told, by what it was and where. One
    that is to leave its thread by SystemExit is none, nor is the interruption of a run that was
    told to end."""
    if not trace.events.threads(Op.END, Outcome.RAISED):
        return {}
    quiet = {"SystemExit", "KeyboardInterrupt"} if stop_signals(trace) else {"SystemExit"}
    told = {gap.thread for gap in trace.gaps if gap.kind == GapKind.EXCEPTHOOK}
    mains = _mains(trace)
    alike: dict[tuple[str, str], list[str]] = {}
    for end in trace.events.filter(op=Op.END):
        thread, process = end.thread, end.thread.process
        expected = thread in told or end.value in quiet
        if end.outcome is Outcome.RAISED and not expected:
            is_process = thread is mains[process]
            who = f"the process {process.name or process.path}" if is_process else thread.label
            where = f" at {end.site.place}" if end.site is not None else ""
            alike.setdefault((printing.name(str(end.value)), where), []).append(who)
    return alike


def unasked(trace: Log) -> Iterator[Note]:
    """Tasks that raised, and nobody asked for their results."""
    events = trace.events
    lost = events.objects(Op.FINISH, Outcome.RAISED)
    lost -= events.objects(Op.RESULT) | events.objects(Op.CALLBACK)
    if not lost:
        return
    raised = {
        event.object: event.value
        for event in events.filter(op=Op.FINISH)
        if event.object is not None and event.object.id in lost
        if event.outcome is Outcome.RAISED
    }
    given = {event.object: event.site for event in events.filter(op=Op.SUBMIT)}
    alike: dict[tuple[str, Anything], list[str]] = {}
    for task, error in raised.items():
        site = given.get(task)
        alike.setdefault((site.place if site else "", error), []).append(task.name)
    for (place, error), names in alike.items():
        where = f" submitted at {place}" if place else ""
        has_name = not names[0].partition("@")[2]
        which = f"the task {names[0]}" if has_name else "a task"
        if len(names) > 1:
            which = f"{len(names)} tasks"
        what = error if isinstance(error, str) else "an exception"
        text = f"{which}{where} raised {what}, and nobody asked for the result"
        yield Note("unasked", text, "Ask each task for its result() or exception().")


def killed_daemons(trace: Log) -> Iterator[Note]:
    """Daemons that ended with their process in the middle of their work, or with items left for
    them in a queue. Where the run was told to end, all that ran was in the middle of something."""
    if stop_signals(trace):
        return
    ended = trace.events.threads(Op.END)
    mains = _mains(trace)
    told: set[Object] = set()
    for thread in trace.threads:
        if thread.daemon and not thread.internal and thread.id not in ended:
            main = mains[thread.process]
            if main is thread and thread.parent is not None:
                main = mains[thread.parent.process]
            if main.id in ended and (text := _left_undone(trace, thread, told)):
                yield Note(
                    "killed-daemon", text, "Let it end, and join it, before the program does."
                )


def _listed(names: list[str]) -> str:
    if len(names) <= _NAMED:
        return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more"


def _mains(trace: Log) -> dict[Process, Thread]:
    """The first thread of each process."""
    return {thread.process: thread for thread in reversed(trace.threads)}


def _left_undone(trace: Log, thread: Thread, told: set[Object]) -> str:
    """What the daemon left undone; empty if it had nothing to do. `told` are the queues of which it
    has been said, and is now."""
    work = _Work()
    for event in trace.events.filter(thread=thread, op=_NO_ACCESSES):
        work.add(event)
    parts = []
    if work.goes_on and work.place is not None:
        parts.append(f"in the middle of its work, after {work.place.place}")
    for queue in work.queues.keys() - told:
        told.add(queue)
        if left := _left_in(trace, queue):
            items = "item was" if left == 1 else "items were"
            parts.append(f"{left} {items} put into {queue.name} and never taken")
    return f"the daemon {thread.label} was killed at exit: {'; '.join(parts)}" if parts else ""


class _Work:
    """What a thread was about when its events end."""

    def __init__(self) -> None:
        self.place: Site | None = None
        self.queues: dict[Object, bool] = {}  # whether it is at work on what it took from each
        self._held: dict[Object, int] = {}
        self._tasks: set[Object] = set()
        self._waits = False

    def add(self, event: Event) -> None:
        """Its next event."""
        self.place = event.site or self.place
        self._waits = event.op is Op.REQUEST
        target, done = event.object, event.outcome is Outcome.OK
        if target is None:
            return
        if event.op is Op.GET and done:
            self.queues[target] = True
        elif event.op in (Op.GET, Op.TASK_DONE) or (self._waits and event.value == _TAKES):
            self.queues[target] = False
        elif event.op in (Op.ACQUIRE, Op.RELEASE) and done:
            change = 1 if event.op is Op.ACQUIRE else -1
            self._held[target] = self._held.get(target, 0) + change
        elif event.op is Op.RUN:
            self._tasks.add(target)
        elif event.op is Op.FINISH:
            self._tasks.discard(target)

    @property
    def goes_on(self) -> bool:
        """Whether it was in the middle of its work: of an item or a task, or with a lock held."""
        holds = not self._waits and any(count > 0 for count in self._held.values())
        return holds or bool(self._tasks) or any(self.queues.values())


def _left_in(trace: Log, queue: Object) -> int:
    """How many items nobody took. None is no item: it tells a thread to end."""
    taken = {event.link for event in trace.events.filter(op=Op.GET, object=queue)}
    puts = trace.events.filter(op=Op.PUT, object=queue)
    return sum(
        event.outcome is Outcome.OK and event.value is not None and event.seq not in taken
        for event in puts
    )


def dropped_copies(trace: Log) -> Iterator[Note]:
    """Changes of copies that a manager gave, and that were not put back: `d["list"].append(1)`."""
    callers = trace.events.threads(Op.CALL)
    for thread in trace.threads:
        if thread.id in callers:
            yield from _dropped_by(trace, thread)


def _dropped_by(trace: Log, thread: Thread) -> Iterator[Note]:
    in_call = False
    read: Event | None = None  # what the last call read
    change: Event | None = None  # of the copy that it gave
    for event in trace.events.filter(thread=thread):
        if event.op in (Op.CALL, Op.RESULT):
            in_call = event.op == Op.CALL
            continue
        if in_call and read is not None and change is not None:
            if event.op != Op.WRITE or event.location != read.location:
                yield _dropped(read, change)
            read = change = None
        if in_call:
            read = event if event.op == Op.READ and isinstance(event.value, Ref) else None
        elif read is not None and change is None:
            changes = event.op in (Op.UPDATE, Op.WRITE, Op.DELETE) and _is_of(event, read)
            change = event if changes else None
            read = read if changes or _is_of(event, read) else None
    if read is not None and change is not None:
        yield _dropped(read, change)


def _is_of(event: Event, read: Event) -> bool:
    """Whether the event is in an expression that begins with the one that gave the copy."""
    if event.site is None or read.site is None or event.location is None:
        return False
    same_place = (event.site.file, event.site.line) == (read.site.file, read.site.line)
    longer = event.site.text != read.site.text and event.site.text.startswith(read.site.text)
    return same_place and longer


def _dropped(read: Event, change: Event) -> Note:
    assert change.site is not None
    text = (
        f"{printing.name(change.site.text)} at {change.site.place} changed a copy: {read.target} of"
        " the manager is as it was"
    )
    return Note("dropped-copy", text, "Change a variable, and store that back.")
