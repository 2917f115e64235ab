"""What goes wrong with one variable is one finding."""

from __future__ import annotations

from builder import Builder

from tracer.reporters import text


def _update(b: Builder, thread: int, location: int, site: int, value: int) -> None:
    b.read(thread, location, value, site)
    b.write(thread, location, value + 1, site)


def test_a_variable_that_is_changed_at_two_lines_is_one_finding() -> None:
    b = Builder()
    one, two = b.start(), b.start()
    count = b.global_("count")
    up, down = (b.site(line, sources=(line // 6,)) for line in (6, 12))
    for thread, site in ((one, up), (two, down), (two, up), (one, down)):
        _update(b, thread, count, site, 0)
    (found,) = b.trace().findings()
    assert found.kind == "lost-update"
    assert [site.line for site in found.sites] == [6, 12]
    assert {one.kind for one in found.also} == {"lost-update"}
    assert len({one.sites for one in found.patterns}) == 3


def test_an_observed_loss_is_told_and_what_is_predicted_beside_it() -> None:
    b = Builder()
    one, two = b.start(), b.start()
    count = b.global_("count")
    up, down = (b.site(line, sources=(line // 6,)) for line in (6, 12))
    _update(b, one, count, down, 0)
    _update(b, two, count, down, 1)
    b.read(one, count, 2, up)
    b.read(two, count, 2, up)
    b.write(one, count, 3, up)
    b.write(two, count, 3, up)
    (found,) = b.trace().findings()
    assert (found.status, found.count, found.total) == ("observed", 1, 2)
    assert {one.status for one in found.also} == {"predicted"}
    assert [site.line for site in found.sites] == [6, 12]


def test_the_lost_and_the_tried_are_counted_over_all_lines() -> None:
    b = Builder()
    one, two = b.start(), b.start()
    count = b.global_("count")
    up, down = (b.site(line, sources=(line // 6,)) for line in (6, 12))
    for site in (up, down):
        for thread in (one, two):
            b.read(thread, count, 0, site)
        for thread in (one, two):
            b.write(thread, count, 1, site)
    (found,) = b.trace().findings()
    assert (found.status, found.count, found.total) == ("observed", 2, 4)


def test_two_kinds_at_other_lines_are_one_finding_with_both_kinds_of_advice() -> None:
    """A check-then-act at lines 1 and 2, and an update without a check at line 3."""
    b = Builder()
    one, two = b.start(), b.start()
    state = b.global_("state")
    look = b.site(1)
    act = b.site(2, guards=(look,))
    more = b.site(3, sources=(3,))
    for thread in (one, two):
        b.read(thread, state, None, look)
        b.write(thread, state, 1, act)
        _update(b, thread, state, more, 1)
    (found,) = b.trace().findings()
    kinds = {one.kind for one in found.patterns}
    assert kinds == {"atomicity-violation", "lost-update"}
    assert {site.line for site in found.sites} == {1, 2, 3}
    assert "the test and the act" in found.advice
    assert "from the read to the write" in found.advice


def test_the_same_lines_at_several_variables_join_what_each_of_them_shows() -> None:
    """`account.balance` of two accounts, of which only one is also set."""
    b = Builder()
    one, two = b.start(), b.start()
    accounts = [b.object("Account", f"account{n}") for n in (1, 2)]
    balances = [b.attribute(account, "balance") for account in accounts]
    update = b.site(5, sources=(1,))
    reset = b.site(9)
    for balance in balances:
        for thread in (one, two):
            _update(b, thread, balance, update, 0)
    b.write(one, balances[0], 0, reset)
    (found,) = b.trace().findings()
    assert found.details["locations"] == 2
    assert {site.line for site in found.sites} == {5, 9}


def test_two_variables_are_two_findings() -> None:
    b = Builder()
    one, two = b.start(), b.start()
    for n, name in enumerate(("left", "right"), 1):
        location, site = b.global_(name), b.site(n, sources=(n,))
        for thread in (one, two):
            _update(b, thread, location, site, 0)
    left, right = b.trace().findings()
    assert left.also == right.also == ()


def test_an_update_that_a_check_then_act_tells_of_is_not_told_twice() -> None:
    """A cache that is filled twice: what is stored is not made of what was found."""
    b = Builder()
    one, two = b.start(), b.start()
    cache = b.global_("cache")
    look = b.site(4, "cache.get(k)")
    fill = b.site(6, "cache[k] = value", sources=(look,), guards=(look,))
    for thread in (one, two):
        b.read(thread, cache, None, look)
    for thread in (one, two):
        b.write(thread, cache, 2, fill)
    trace = b.trace()
    (found,) = trace.findings()
    assert found.kind == "atomicity-violation"
    assert {one.kind for one in found.also} >= {"lost-update"}
    report = text.findings(trace, [found])
    assert "lost update" not in report.lower()
    assert report.count("Hold one lock") + report.count("hold one lock") == 1
