"""Locks that a fork has copied while a thread held them, which is not in the child."""

from __future__ import annotations

from ..events import Event, Object, Op, Process
from .scene import Scene, at


def copied_lock(scene: Scene, wait: Event) -> str | None:
    """Where the thread waits for the copy of a lock that was held when its process was forked:
    who held it, since which line, and where the fork was."""
    copy, process = wait.object, wait.thread.process
    if copy is None or copy.thread is not None or process.start_method != "fork":
        return None
    start = _start(scene, process)
    for original in _originals(scene, copy, process):
        if start is None or (taken := scene.holder(original, before=start.seq)) is None:
            continue
        who = f"{taken.thread.label} held it{at(taken)}"
        if taken.thread is start.thread:
            who = f"it held that itself{at(taken)}"
        return (
            f"The fork copied {original.name}: when {start.thread.label} forked{at(start)}, {who};"
            " nobody in the child can release the copy."
        )
    return None


def _start(scene: Scene, process: Process) -> Event | None:
    starts = scene.trace.events.filter(op=Op.START)
    of = (one for one in starts if one.object is not None and one.object.thread is not None)
    return next((one for one in of if one.object.thread.process is process), None)  # type: ignore[union-attr]


def _originals(scene: Scene, copy: Object, process: Process) -> list[Object]:
    """What the object may be a copy of: as it is, made by a process that this one comes from."""
    known = (copy.kind, copy.index, copy.site)
    found, maker = [], process.parent
    while maker is not None:
        found += [
            one
            for one in scene.trace.objects
            if (one.kind, one.index, one.site) == known
            and one.thread is not None
            and one.thread.process is maker
        ]
        maker = maker.parent
    return sorted(found, key=lambda one: one.label != copy.label)
