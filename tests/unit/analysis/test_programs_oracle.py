"""Random small programs, of which every interleaving is tried.

A program goes wrong if an interleaving ends as none does in which each statement is one step: with
other values, with a claim that another thread had made already, or with an increment or claim over
what it has not read. Its logs are made by hand, each of some interleaving; a program that cannot go
wrong has no finding in any.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from builder import Builder

from tracer import analysis
from tracer.events import Op
from tracer.trace import Trace

PROGRAMS, LOGS = 1500, 3


class Step(NamedTuple):
    """What a thread does at once, to the thing of this number; `line` is that of its statement."""

    word: str
    thing: int
    line: int


Program = tuple[tuple[tuple[Step, ...], ...], ...]
"""The steps of each statement of each thread."""


class State(NamedTuple):
    at: tuple[int, ...]
    variables: tuple[int, ...]
    read: tuple[int, ...]
    held: frozenset[int]
    items: int
    set: frozenset[int]
    acts: frozenset[int]


START = State((), (0, 0), (), frozenset(), 0, frozenset(), frozenset())
EVENT, FLAG = 0, 1
OVERWRITTEN = 1000
"""What is added to the line of an act that overwrites what it has not read."""


def statement(rng: random.Random, line: int) -> tuple[Step, ...]:
    variable, lock = rng.randrange(2), rng.choice((None, 0, 0, 1))
    match rng.randrange(10):
        case 0:
            words = [("signal", EVENT)]
        case 1:
            words = [("await", EVENT)]
        case 2:
            words = [("signal", FLAG)]
        case 3:
            words = [("await", FLAG)]
        case 4:
            words = [("put", 0)]
        case 5:
            words = [("get", 0)]
        case 6:
            words = [("assign", variable)]
        case 7 | 8:
            words = [("read", variable), ("increment", variable)]
        case _:
            words = [("read", variable), ("claim", variable)]
    if lock is not None and words[-1][0] in ("assign", "increment", "claim"):
        words = [("acquire", lock), *words, ("release", lock)]
    return tuple(Step(word, thing, line) for word, thing in words)


def random_program(seed: int) -> Program:
    rng = random.Random(seed)
    return tuple(
        tuple(statement(rng, 10 * thread + line) for line in range(rng.randrange(1, 5)))
        for thread in range(rng.choice((2, 2, 3)))
    )


def stepped(state: State, thread: int, step: Step) -> State | None:
    """The state after the step; None if it has to wait."""
    word, thing, line = step
    match word:
        case "acquire":
            if thing in state.held:
                return None
            return state._replace(held=state.held | {thing})
        case "release":
            return state._replace(held=state.held - {thing})
        case "signal":
            return state._replace(set=state.set | {thing})
        case "await":
            return state if thing in state.set else None
        case "put":
            return state._replace(items=state.items + 1)
        case "get":
            return state._replace(items=state.items - 1) if state.items else None
        case "read":
            return state._replace(read=put(state.read, thread, state.variables[thing]))
    value = {"assign": 100 + line, "increment": state.read[thread] + 1, "claim": 200 + line}[word]
    if word == "claim":
        if state.read[thread] != 0:
            return state
        state = state._replace(acts=state.acts | {line})
    if word != "assign" and state.variables[thing] != state.read[thread]:
        state = state._replace(acts=state.acts | {OVERWRITTEN + line})
    return state._replace(variables=put(state.variables, thing, value))


def put(values: tuple[int, ...], index: int, value: int) -> tuple[int, ...]:
    return (*values[:index], value, *values[index + 1 :])


def outcomes(program: Program, whole: bool) -> set[object]:
    """How the interleavings end, of steps or of whole statements; None is a thread that waits."""
    ends: set[object] = set()
    threads = [
        thread if whole else tuple((step,) for statement in thread for step in statement)
        for thread in program
    ]

    @cache
    def go_on(state: State) -> None:
        left = [i for i, thread in enumerate(threads) if state.at[i] < len(thread)]
        if not left:
            ends.add((state.variables, state.acts))
        stuck = bool(left)
        for i in left:
            now: State | None = state
            for step in threads[i][state.at[i]]:
                now = now and stepped(now, i, step)
            if now:
                stuck = False
                go_on(now._replace(at=put(now.at, i, now.at[i] + 1)))
        if stuck:
            ends.add(None)

    zeros = (0,) * len(program)
    go_on(START._replace(at=zeros, read=zeros))
    return ends


@dataclass
class Log:
    """An interleaving as it is recorded."""

    program: Program
    rng: random.Random
    b: Builder = field(default_factory=Builder)

    def __post_init__(self) -> None:
        b = self.b
        self.variables = [b.global_("xy"[i]) for i in range(2)]
        self.flag = b.global_("flag")
        self.locks = [b.object("Lock", "a"), b.object("Lock", "b")]
        self.event, self.queue = b.object("Event", "event"), b.object("Queue", "queue")
        self.puts: list[int] = []
        # By thread: the tests of the loops that wait for the flag.
        self.guards: dict[int, tuple[int, ...]] = {}
        # By line: the sites of the reads.
        self.looks: dict[int, int] = {}

    def trace(self) -> Trace:
        threads = [[step for statement in thread for step in statement] for thread in self.program]
        ids = [self.b.start() for _ in threads]
        state = START._replace(at=(0,) * len(threads), read=(0,) * len(threads))
        while left := [i for i, steps in enumerate(threads) if state.at[i] < len(steps)]:
            i = self.rng.choice(left)
            step = threads[i][state.at[i]]
            if now := stepped(state, i, step):
                self.record(ids[i], step, state, now)
                state = now._replace(at=put(now.at, i, now.at[i] + 1))
        for thread in ids:
            self.b.end(thread)
        for thread in ids:
            self.b.join(thread)
        return self.b.trace()

    def record(self, thread: int, step: Step, before: State, after: State) -> None:
        b, (word, thing, line) = self.b, step
        guards = self.guards.get(thread, ())
        match word:
            case "acquire" | "release":
                b.emit(thread, Op.ACQUIRE if word == "acquire" else Op.RELEASE, self.locks[thing])
            case "signal" if thing == EVENT:
                b.emit(thread, Op.SET, self.event)
            case "await" if thing == EVENT:
                b.emit(thread, Op.WAIT, self.event)
            case "signal":
                b.write(thread, self.flag, True, b.site(line, "flag = True", guards=guards))
            case "await":
                look = b.site(line, "flag", guards=guards)
                b.read(thread, self.flag, True, look)
                self.guards[thread] = (*guards, look)
            case "put":
                self.puts.append(b.emit(thread, Op.PUT, self.queue))
            case "get":
                b.emit(thread, Op.GET, self.queue, link=self.puts.pop(0))
            case "read":
                self.looks[line] = b.site(line, "x", guards=guards)
                b.read(thread, self.variables[thing], before.variables[thing], self.looks[line])
            case "claim" if after.acts == before.acts:
                pass
            case _:
                look = (self.looks[line],) if word != "assign" else ()
                site = b.site(
                    line,
                    "x = v",
                    sources=look if word == "increment" else (),
                    guards=(*guards, *look) if word == "claim" else guards,
                )
                b.write(thread, self.variables[thing], after.variables[thing], site)


def writes(thread: tuple[tuple[Step, ...], ...], variable: int) -> list[tuple[Step, ...]]:
    return [
        each
        for each in thread
        for step in each
        if step.thing == variable and step.word in ("assign", "increment", "claim")
    ]


def is_masked(program: Program) -> bool:
    """Whether a thread changes under two locks, or once without, what another one claims: the
    claim fails after the first change, so the second cannot come between its two steps. Values are
    not followed so far, and the second change is told to come there."""
    for variable in range(2):
        changes = [writes(thread, variable) for thread in program]
        claimed = [any(s.word == "claim" for each in of for s in each) for of in changes]
        for one, of in enumerate(changes):
            locks = {each[0].thing if each[0].word == "acquire" else None for each in of}
            others = any(claims for other, claims in enumerate(claimed) if other != one)
            if others and len(locks) > 1:
                return True
    return False


def test_programs_that_cannot_go_wrong_have_no_finding() -> None:
    right = wrong = found = 0
    for seed in range(PROGRAMS):
        program = random_program(seed)
        ends = outcomes(program, whole=False)
        if None in ends or is_masked(program):
            continue
        rng = random.Random(seed)
        logs = [analysis.find(Log(program, rng).trace()) for _ in range(LOGS)]
        if ends <= outcomes(program, whole=True):
            right += 1
            for findings in logs:
                assert findings == [], f"{seed}: {program}: {findings[0].explanation}"
        else:
            wrong += 1
            found += any(logs)
    assert right > 100
    assert wrong > 100
    assert found > 0.9 * wrong, f"{found} of {wrong}"
