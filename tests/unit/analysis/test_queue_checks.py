"""Checks of queues: which act a check is about, and when an item can be seen."""

from __future__ import annotations

from builder import Builder

from tracer.events import Finding, Op


def find(b: Builder) -> list[Finding]:
    return b.trace().findings()


class Bounded:
    """`if not q.empty(): q.get()`, then `q.put()` under the same test."""

    def __init__(self, b: Builder) -> None:
        self.b, self.queue = b, b.object("Queue", "q")
        self.check_site = b.site(20, "q.empty()")
        self.get_site = b.site(21, "q.get(block=False)", guards=(self.check_site,))
        self.put_site = b.site(22, "q.put(x)", guards=(self.check_site,))
        self.puts: list[int] = []

    def check(self, thread: int, empty: bool) -> None:
        self.b.emit(thread, Op.EMPTY, self.queue, site=self.check_site, value=empty)

    def get(self, thread: int) -> None:
        self.b.emit(thread, Op.GET, self.queue, site=self.get_site, link=self.puts.pop(0))

    def put(self, thread: int) -> None:
        self.puts.append(self.b.emit(thread, Op.PUT, self.queue, site=self.put_site))


def test_who_puts_back_what_it_took_has_room() -> None:
    b = Builder()
    q = Bounded(b)
    q.put(1)
    q.put(1)
    one, two = b.start(), b.start()
    for thread in (one, two, one, two):
        q.check(thread, empty=False)
        q.get(thread)
        q.put(thread)
    assert all(found.rule.startswith("queue-get") for found in find(b))


def test_a_put_that_rests_on_an_empty_queue() -> None:
    """`if q.empty(): q.put()` by two threads: both can see it empty."""
    b = Builder()
    q = Bounded(b)
    one, two = b.start(), b.start()
    q.check(one, empty=True)
    q.check(two, empty=True)
    q.put(one)
    q.put(two)
    (found,) = find(b)
    assert "queue-put-twice" in [one.rule for one in found.patterns]


def test_a_put_that_another_did_not_make_as_it_came_second() -> None:
    """It found the item inside; had it asked first, it would have put too."""
    b = Builder()
    q = Bounded(b)
    one, two = b.start(), b.start()
    q.check(one, empty=True)
    q.put(one)
    q.check(two, empty=False)
    (found,) = (f for f in find(b) if f.rule == "queue-put-twice")
    assert found.status == "predicted"
    assert "both find it empty, and both put" in found.explanation


class Full:
    """`if not q.full(): q.put(x)`."""

    def __init__(self, b: Builder) -> None:
        self.b, self.queue = b, b.object("Queue", "q")
        self.check_site = b.site(20, "q.full()")
        self.put_site = b.site(21, "q.put(x)", guards=(self.check_site,))

    def check(self, thread: int, full: bool) -> None:
        self.b.emit(thread, Op.FULL, self.queue, site=self.check_site, value=full)

    def put(self, thread: int) -> None:
        self.b.emit(thread, Op.PUT, self.queue, site=self.put_site)


def test_the_last_place_that_two_could_see() -> None:
    b = Builder()
    q = Full(b)
    one, two = b.start(), b.start()
    q.check(one, full=False)
    q.put(one)
    q.check(two, full=True)
    (found,) = find(b)
    assert (found.status, found.rule) == ("predicted", "queue-put")


def test_places_enough_for_all() -> None:
    """Nothing says how many places there are; both have found one."""
    b = Builder()
    q = Full(b)
    for thread in (b.start(), b.start()):
        q.check(thread, full=False)
        q.put(thread)
    assert find(b) == []


def test_more_places_than_others_fill() -> None:
    b = Builder()
    q = Full(b)
    one, two = b.start(), b.start()
    q.check(one, full=False)
    q.put(one)
    other_put = b.site(30, "q.put(y)")
    for thread in (one, 1, 1):
        b.emit(thread, Op.PUT, q.queue, site=other_put)
    q.check(two, full=True)
    assert find(b) == []


class Fed:
    """`while not q.empty(): q.get()` on a queue whose items a feeder thread sends."""

    def __init__(self, b: Builder) -> None:
        self.b, self.queue = b, b.object("Queue", "q")
        self.check_site = b.site(20, "q.empty()")
        self.get_site = b.site(21, "q.get()", guards=(self.check_site,))
        self.put_site = b.site(10, "q.put(1)")
        self.feeder = b.start()

    def put(self) -> int:
        return self.b.emit(1, Op.PUT, self.queue, site=self.put_site)

    def send(self) -> None:
        self.b.emit(self.feeder, Op.STEP, self.queue)

    def check(self, thread: int, empty: bool) -> int:
        return self.b.emit(thread, Op.EMPTY, self.queue, site=self.check_site, value=empty)

    def get(self, thread: int, put: int) -> None:
        self.b.emit(thread, Op.GET, self.queue, site=self.get_site, link=put)


def test_an_item_that_was_put_before_the_start_may_not_have_come() -> None:
    b = Builder()
    q = Fed(b)
    put = q.put()
    q.send()
    consumer = b.start()
    seen = q.check(consumer, empty=False)
    q.get(consumer, put)
    q.check(consumer, empty=True)
    (found,) = find(b)
    assert (found.status, found.rule) == ("predicted", "queue-empty-fed")
    assert sorted(found.events) == [put, seen]
    assert "sends it later" in found.explanation


def test_a_check_that_came_before_the_item() -> None:
    b = Builder()
    q = Fed(b)
    q.put()
    consumer = b.start()
    q.check(consumer, empty=True)
    q.send()
    (found,) = find(b)
    assert (found.status, found.rule) == ("observed", "queue-empty-fed")


def test_one_that_puts_and_then_asks() -> None:
    b = Builder()
    q = Fed(b)
    put = q.put()
    q.send()
    q.check(1, empty=False)
    q.get(1, put)
    q.check(1, empty=True)
    (found,) = find(b)
    assert found.status == "predicted"


def test_draining_when_the_feeder_has_ended() -> None:
    """A process that has ended has sent all that it put."""
    b = Builder()
    q = Fed(b)
    put = q.put()
    q.send()
    b.end(q.feeder)
    b.join(q.feeder, 1)
    q.check(1, empty=False)
    q.get(1, put)
    q.check(1, empty=True)
    assert find(b) == []


def test_a_step_of_a_future_is_no_item() -> None:
    b = Builder()
    future = b.object("Future", "f")
    b.emit(1, Op.STEP, future)
    assert find(b) == []
