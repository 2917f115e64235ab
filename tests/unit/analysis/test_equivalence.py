"""Runs of one class differ in the order of independent events alone."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from builder import Builder

from tracer import _core
from tracer.events import Op

Step = tuple[Op, str]
Program = tuple[tuple[Step, ...], ...]


def interleavings(program: Program, at: tuple[int, ...] | None = None) -> Iterator[list[int]]:
    """Each order of the threads' steps, as the numbers of the threads."""
    at = at or (0,) * len(program)
    if all(done == len(steps) for done, steps in zip(at, program, strict=True)):
        yield []
    for thread, steps in enumerate(program):
        if at[thread] < len(steps):
            further = tuple(done + (other == thread) for other, done in enumerate(at))
            for rest in interleavings(program, further):
                yield [thread, *rest]


def class_of(program: Program, order: list[int]) -> int:
    built = Builder()
    threads = [built.start() for _ in program]
    places = {name: built.global_(name) for name in ("x", "y")}
    at = [0] * len(program)
    for thread in order:
        op, name = program[thread][at[thread]]
        built.emit(threads[thread], op, places[name], value=0)
        at[thread] += 1
    found: int = _core.analysis.equivalence_class(built.trace().core)
    return found


def depend(one: Step, other: Step) -> bool:
    return one[1] == other[1] and not (one[0] is Op.READ and other[0] is Op.READ)


def normal_form(program: Program, order: list[int]) -> tuple[tuple[int, int], ...]:
    """The least order that swapping independent neighbours gives: one for each class."""
    at = [0] * len(program)
    left: list[tuple[int, int]] = []
    for thread in order:
        left.append((thread, at[thread]))
        at[thread] += 1
    least: list[tuple[int, int]] = []
    while left:
        first = [
            event
            for place, event in enumerate(left)
            if not any(
                before[0] == event[0]
                or depend(program[before[0]][before[1]], program[event[0]][event[1]])
                for before in left[:place]
            )
        ]
        left.remove(min(first))
        least.append(min(first))
    return tuple(least)


@pytest.mark.parametrize("seed", range(60))
def test_classes_are_those_of_mazurkiewicz(seed: int) -> None:
    rng = random.Random(seed)
    program = tuple(
        tuple(
            (rng.choice((Op.READ, Op.READ, Op.WRITE)), rng.choice("xy"))
            for _ in range(rng.randrange(1, 4))
        )
        for _ in range(rng.randrange(2, 4))
    )
    classes: dict[int, set[tuple[tuple[int, int], ...]]] = {}
    for order in interleavings(program):
        classes.setdefault(class_of(program, order), set()).add(normal_form(program, order))
    assert all(len(forms) == 1 for forms in classes.values())
    forms = [form for found in classes.values() for form in found]
    assert len(forms) == len(set(forms))
