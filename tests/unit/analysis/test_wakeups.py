"""Lost wakeups, and waits that a thread comes past at once."""

from __future__ import annotations

from builder import Builder

from tracer.events import Finding, Op, Outcome


class Waiting:
    """`if not ready: with changed: changed.wait()`, and who sets `ready` and notifies."""

    def __init__(self) -> None:
        self.b = b = Builder()
        self.lock = b.object("Lock", "lock")
        self.changed = b.object("Condition", "changed")
        self.ready = b.global_("ready")
        self.look = b.site(1, "ready")
        self.wait = b.site(3, "changed.wait()", guards=(self.look,))
        self.store = b.site(5, "ready = True")
        self.tell = b.site(7, "changed.notify()")
        b.write(1, self.ready, False, b.site(9, "ready = False"))
        self.one, self.two = b.start(), b.start()

    def looks(self, value: bool = False) -> None:
        self.b.read(self.one, self.ready, value, self.look)

    def begins_to_wait(self, outcome: Outcome = Outcome.OK) -> None:
        one, site = self.one, self.wait
        self.b.emit(one, Op.REQUEST, self.changed, site=site, value="wait", outcome=outcome)

    def waits(self, outcome: Outcome = Outcome.OK) -> None:
        with self.b.locked(self.one, self.lock):
            self.begins_to_wait(outcome)

    def announces(self, value: bool = True) -> None:
        self.b.write(self.two, self.ready, value, self.store)
        with self.b.locked(self.two, self.lock):
            self.b.emit(self.two, Op.NOTIFY, self.changed, site=self.tell, value=1)

    def found(self) -> list[Finding]:
        kind = "atomicity-violation"
        return [found for found in self.b.trace().findings() if found.kind == kind]


def test_the_notify_came_between_the_look_and_the_wait() -> None:
    w = Waiting()
    w.looks()
    w.announces()
    w.waits()
    (found,) = w.found()
    assert (found.status, found.rule) == ("observed", "lost-wakeup")
    assert found.explanation == (
        "Lost wakeup on global `ready`: Thread-1 read False at race.py:1 and then waited for"
        " changed at race.py:3, but in between Thread-2 wrote True at race.py:5 and notified"
        " changed at race.py:7. Then the wait is for nothing."
    )


def test_the_notify_came_after_the_wait_began() -> None:
    w = Waiting()
    w.looks()
    w.waits()
    w.announces()
    (found,) = w.found()
    assert found.status == "predicted"
    assert found.witness is not None
    ops = [w.b.events[seq - 1][3] for seq in found.witness]
    assert ops == [Op.READ, Op.WRITE, Op.NOTIFY, Op.REQUEST]


def test_the_lock_is_held_from_the_look_to_the_wait() -> None:
    w = Waiting()
    with w.b.locked(w.one, w.lock):
        w.looks()
        w.begins_to_wait()
    w.announces()
    assert w.found() == []


def test_who_waits_for_a_while_and_looks_again_only_comes_late() -> None:
    w = Waiting()
    w.looks()
    w.waits(Outcome.BOUNDED)
    w.announces()
    w.looks(True)
    assert w.found() == []


def test_what_was_written_is_what_was_seen() -> None:
    w = Waiting()
    w.looks()
    w.announces(False)
    w.waits()
    assert w.found() == []


class Claims:
    """`with changed: while owner is not None: changed.wait()`, then `owner = me`, here or there."""

    def __init__(self) -> None:
        self.b = b = Builder()
        self.lock = b.object("Lock", "lock")
        self.changed = b.object("Condition", "changed")
        self.owner = b.global_("owner")
        self.look = b.site(1, "owner", guards=(1,))
        self.wait = b.site(2, "changed.wait()", guards=(self.look,))
        self.claim = b.site(3, "owner = me", guards=(self.look,))
        self.leave = b.site(5, "owner = None")
        b.write(1, self.owner, None, b.site(7, "owner = None"))

    def run(self, thread: int, me: str, *, inside: bool) -> None:
        b = self.b
        with b.locked(thread, self.lock):
            b.read(thread, self.owner, None, self.look)
            if inside:
                b.write(thread, self.owner, me, self.claim)
        if not inside:
            b.write(thread, self.owner, me, self.claim)
        with b.locked(thread, self.lock):
            b.write(thread, self.owner, None, self.leave)

    def found(self) -> list[tuple[str, str]]:
        return [(found.kind, found.status) for found in self.b.trace().findings()]


def test_a_wait_that_was_passed_at_once_comes_after_no_particular_write() -> None:
    claims = Claims()
    one, two = claims.b.start(), claims.b.start()
    claims.run(one, "ann", inside=False)
    claims.run(two, "bob", inside=False)
    assert claims.found() == [("atomicity-violation", "predicted")]


def test_a_claim_in_the_section_of_the_wait_keeps_others_out() -> None:
    claims = Claims()
    one, two = claims.b.start(), claims.b.start()
    claims.run(one, "ann", inside=True)
    claims.run(two, "bob", inside=True)
    assert claims.found() == []


def test_who_has_waited_would_have_come_past_before() -> None:
    claims = Claims()
    b = claims.b
    one, two = b.start(), b.start()
    with b.locked(one, claims.lock):
        b.read(one, claims.owner, None, claims.look)
    b.write(one, claims.owner, "ann", claims.claim)
    b.emit(two, Op.ACQUIRE, claims.lock)
    b.read(two, claims.owner, "ann", claims.look)
    b.emit(two, Op.REQUEST, claims.changed, site=claims.wait, value="wait")
    b.emit(two, Op.RELEASE, claims.lock)
    with b.locked(one, claims.lock):
        b.write(one, claims.owner, None, claims.leave)
        told = b.emit(one, Op.NOTIFY, claims.changed, value=1)
    b.emit(two, Op.ACQUIRE, claims.lock)
    b.emit(two, Op.WAIT, claims.changed, site=claims.wait, link=told)
    b.read(two, claims.owner, None, claims.look)
    b.emit(two, Op.RELEASE, claims.lock)
    b.write(two, claims.owner, "bob", claims.claim)
    assert claims.found() == [("atomicity-violation", "predicted")]
