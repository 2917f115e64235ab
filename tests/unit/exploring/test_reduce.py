"""A failing schedule is reduced to what it takes."""

from __future__ import annotations

import itertools

import pytest

from tracer.exploring.reduce import MOST_RUNS, Reduction
from tracer.exploring.runner import Made
from tracer.runs.schedule import Schedule, Switch

ALL = tuple(Switch("main", turn, f"main.{turn % 3}") for turn in range(1, 41))


def made(switches: tuple[Switch, ...]) -> tuple[Made, ...]:
    return tuple(Made(switch, True, 0) for switch in switches)


@pytest.mark.parametrize("needed", [(), (7,), (0, 39), (3, 17, 18, 30), tuple(range(10, 20))])
def test_what_is_needed_is_left(needed: tuple[int, ...]) -> None:
    wanted = {ALL[index] for index in needed}

    def fails(schedule: Schedule) -> tuple[Made, ...] | None:
        return made(schedule.switches) if wanted <= set(schedule.switches) else None

    reduction = Reduction(made(ALL), fails)
    reduction.run()
    assert {one.switch for one in reduction.best} == wanted
    assert reduction.runs <= MOST_RUNS


def test_what_a_run_did_not_do_is_left_out() -> None:
    def fails(schedule: Schedule) -> tuple[Made, ...] | None:
        return made(schedule.switches[:1]) if schedule.switches else None

    reduction = Reduction(made(ALL), fails)
    reduction.run()
    assert (len(reduction.best), reduction.runs) == (1, 2)


def test_two_switches_become_the_one_between_them() -> None:
    two = (Switch("main", 4, "main.1"), Switch("main.1", 9, "main"))
    one = Switch("main", 6, "main.1")

    def fails(schedule: Schedule) -> tuple[Made, ...] | None:
        return made(schedule.switches) if schedule.switches in (two, (one,)) else None

    reduction = Reduction(made(two), fails)
    reduction.run()
    assert [done.switch for done in reduction.best] == [one]


def test_a_schedule_that_takes_a_thread_off_costs_more() -> None:
    """Of two as long the one stays in which threads go on for as long as they can."""
    left = Switch("main", 1, "main.1"), Switch("main", 2, "main.2")

    def fails(schedule: Schedule) -> tuple[Made, ...] | None:
        return made(schedule.switches) if len(schedule.switches) >= 1 else None

    quiet = tuple(Made(switch, False, 0) for switch in left)
    reduction = Reduction(quiet, fails)
    reduction.run()
    assert reduction.best == quiet


def test_it_ends() -> None:
    """A failure that comes by chance has no smallest schedule."""
    chance = itertools.cycle([None, made(ALL[:39]), None])
    reduction = Reduction(made(ALL), lambda _: next(chance))
    reduction.run()
    assert reduction.runs <= MOST_RUNS


def test_one_switch_may_do_what_others_did() -> None:
    two = (Switch("main", 6, "main.2"), Switch("main.2", 3, "main.1"))
    one = Switch("main.1", 4, "main.2")

    def fails(schedule: Schedule) -> tuple[Made, ...] | None:
        return made(schedule.switches) if schedule.switches in (two, (one,)) else None

    reduction = Reduction(made(two), fails)
    reduction.run()
    assert [done.switch for done in reduction.best] == [one]
