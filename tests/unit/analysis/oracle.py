"""What is before what, by definition: explicit edges and their transitive closure. Slow."""

from __future__ import annotations

from tracer.events import Event, Op, Outcome


def sources(events: list[Event], e: Event, locks: bool = True) -> list[Event]:
    """The events with an edge into `e`, program order included; those of locks if asked for."""
    before = [x for x in events if x.seq < e.seq]
    own = [x for x in before if x.thread == e.thread][-1:]
    same = [x for x in before if x.object == e.object]

    def of(op: Op) -> list[Event]:
        return [x for x in same if x.op == op]

    kind = e.object.kind if e.object is not None else ""
    if e.op == Op.BEGIN:
        return own + of(Op.START)
    if e.outcome != Outcome.OK:
        return own
    if e.op == Op.UPDATE:
        return own + handed_over([x for x in before if x.op == Op.UPDATE], e)
    if e.op == Op.OBSERVE and e.object is None:
        return own + [x for x in before if x.op == Op.END]
    if e.op in (Op.JOIN, Op.OBSERVE) and kind == "Thread":
        return own + of(Op.END)
    if e.op == Op.JOIN:
        return own + of(Op.TASK_DONE)
    if e.op == Op.ACQUIRE and kind == "Lock":
        return own + (of(Op.RELEASE)[-1:] if locks else [])
    if e.op in (Op.WAIT, Op.GET, Op.ACQUIRE) and e.link:
        return own + [x for x in before if x.seq == e.link]
    if kind == "Event" and e.op in (Op.WAIT, Op.IS_SET) and e.value is True:
        cleared = max((x.seq for x in of(Op.CLEAR)), default=0)
        return own + ([x for x in of(Op.SET) if x.seq > cleared] or of(Op.SET))
    if kind == "Condition" and e.op == Op.WAIT:
        return own + of(Op.NOTIFY)
    if kind == "Barrier" and e.op == Op.WAIT:
        return own + [x for x in of(Op.ARRIVE) if x.value == e.value]
    if e.op == Op.GET:
        return own + of(Op.PUT)
    return own


def handed_over(before: list[Event], e: Event) -> list[Event]:
    """Who put the item of a pop into the list: each time it was put in since it was last gone;
    and all that put in several items at once."""
    if e.site is None or "pop" not in e.site.text:
        return []
    inside: list[Event] = []
    count = 0
    for x in before:
        text = x.site.text if x.site is not None else ""
        if x.value == e.value and "append" in text:
            inside.append(x)
            count += 1
        elif x.value == e.value and "pop" in text and count:
            count -= 1
            inside = inside if count else []
    return inside + [x for x in before if x.site is not None and "extend" in x.site.text]


def closure(events: list[Event]) -> set[tuple[int, int]]:
    reached: dict[int, set[int]] = {}
    for e in events:
        reached[e.seq] = set()
        for source in sources(events, e):
            reached[e.seq] |= {source.seq} | reached[source.seq]
    return {(a, b) for b, before in reached.items() for a in before}
