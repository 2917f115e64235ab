"""The search: schedules are run until one fails, and that one is reduced."""

from __future__ import annotations

import itertools
import os
import stat
import tempfile
import time
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from select import select
from shutil import copyfileobj, rmtree

from .. import _core
from ..errors import UsageError
from ..runs import hashing
from ..runs.control import Control
from ..runs.destination import Destination
from ..runs.schedule import Schedule
from ..supervising.supervisor import Program
from . import strategies
from .failures import Failure, failure
from .reduce import Reduction
from .runner import Made, Ran, Runner


@dataclass(frozen=True, slots=True)
class Found:
    """A failing schedule, reduced: how it failed, the run, and how it is made again. It was the
    `number`th that was run, and chosen by `strategy`; `switches` is how many it had, and `runs` how
    many it took to reduce it; `file` has its trace. `again` says whether the run that was kept
    failed in the same way: it may not where something outside has a part in it."""

    failure: Failure
    ran: Ran
    file: Path
    control: Control
    number: int
    strategy: str
    switches: int
    runs: int
    again: bool


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it: `found` are the failing schedules, one for each way of failing; `schedules`
    were run, of `classes` that differ in more than the order of independent events. `reasons` say
    why the runs that passed prove less than they seem to."""

    found: tuple[Found, ...]
    schedules: int
    classes: int
    reasons: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """`failed`, `passed` or `inconclusive`."""
        if self.found:
            return "failed"
        return "inconclusive" if self.reasons else "passed"


Progress = Callable[[int, int, int], None]
"""Told after each schedule: how many were run, of how many classes, how many failed."""


class Search:
    """Looks for schedules of a program that fail."""

    def __init__(
        self,
        program: Program,
        *,
        schedules: int = 1000,
        max_time: float | None = None,
        strategy: str = strategies.PORTFOLIO,
        seed: int = 0,
        workers: int = 1,
        check: str = "",
        fail_on: Collection[str] = (),
        keep_going: bool = False,
        include: Sequence[str] = (),
        timeout: float = 60.0,
        place: Callable[[str], Destination],
        progress: Progress | None = None,
    ) -> None:
        program.check()
        if check:
            try:
                compile(check, "<check>", "eval")
            except (SyntaxError, ValueError) as error:
                raise UsageError(f"--check {check!r}: {error}") from None
        self.program = program
        self.schedules = schedules
        self.deadline = None if max_time is None else time.monotonic() + max_time
        self.strategy = strategy
        self.seed = seed
        self.workers = workers
        self.check = check
        self.fail_on = fail_on
        self.keep_going = keep_going
        self.include = include
        self.timeout = timeout
        self.place = place
        self.progress = progress
        self.hash_seed = hashing.chosen(seed)
        self.runners: list[Runner] = []
        self.interrupted = False

    def run(self) -> Result:
        """Run the schedules. Raises UsageError for a check that cannot be made, RecordingError if
        the program cannot be run."""
        folder = Path(tempfile.mkdtemp(prefix="racetrace-"))
        try:
            with self._runners(folder) as idle:
                return self._search(idle)
        finally:
            rmtree(folder, ignore_errors=True)

    @contextmanager
    def _runners(self, folder: Path) -> Iterator[SimpleQueue[Runner]]:
        idle: SimpleQueue[Runner] = SimpleQueue()
        stdin = _kept_stdin(folder)
        try:
            for number in range(self.workers):
                own = folder / str(number)
                own.mkdir()
                self.runners.append(
                    Runner(
                        self.program,
                        own,
                        hash_seed=self.hash_seed,
                        include=self.include,
                        check=self.check,
                        stdin=stdin,
                        timeout=self.timeout,
                    )
                )
                idle.put(self.runners[-1])
            yield idle
        finally:
            for runner in self.runners:
                runner.close()

    def _search(self, idle: SimpleQueue[Runner]) -> Result:
        found: dict[tuple[str, str], Found] = {}
        classes: set[int] = set()
        reasons: dict[str, None] = {}
        count = 0
        too_long = f"a run took longer than {self.timeout:g} s and was ended"
        runs = self._runs(idle)
        try:
            for control, ran in runs:
                count += 1
                if ran is None:
                    reasons.setdefault(too_long)
                    continue
                classes.add(_core.analysis.equivalence_class(ran.trace.core))
                how = None if ran.late else failure(ran, self.check, self.fail_on)
                if ran.late:
                    reasons.setdefault(too_long)
                elif ran.uncontrolled:
                    reasons.setdefault("threads waited for what is not under control")
                if count == 1:
                    reasons.update((one.text, None) for one in ran.trace.verdict().reasons)
                if self.progress is not None:
                    self.progress(count, len(classes), len(found))
                if how is None or (how.kind, how.subject) in found:
                    continue
                found[how.kind, how.subject] = self._reduced(idle, control, ran, how, count)
                if not self.keep_going or self.interrupted:
                    break
        except KeyboardInterrupt:
            self.interrupted = True
        finally:
            runs.close()
        if self.interrupted:
            reasons.setdefault("it was interrupted")
        return Result(tuple(found.values()), count, len(classes), tuple(reasons))

    def _runs(self, idle: SimpleQueue[Runner]) -> Generator[tuple[Control, Ran | None], None, None]:
        """The runs, in the order of their numbers whoever ends first."""

        def run(control: Control) -> tuple[Control, Ran | None]:
            runner = idle.get()
            try:
                return control, runner.run(control)
            finally:
                idle.put(runner)

        first = run(strategies.first())
        yield first
        length = first[1].steps if first[1] is not None else 0
        numbers = iter(range(1, self.schedules))
        with ThreadPoolExecutor(self.workers) as pool:

            def begin(number: int) -> object:
                control = strategies.choose(self.strategy, self.seed, number, length)
                return pool.submit(run, control)

            going = [begin(number) for number in itertools.islice(numbers, 2 * self.workers)]
            try:
                while going:
                    yield going.pop(0).result()  # type: ignore[attr-defined]
                    if self.deadline is not None and time.monotonic() >= self.deadline:
                        return
                    going += [begin(number) for number in itertools.islice(numbers, 1)]
            except BaseException:  # no more is wanted, too
                for runner in self.runners:
                    runner.kill()  # whoever waits for a run of it need not wait on
                raise
            finally:
                pool.shutdown(cancel_futures=True)

    def _reduced(
        self, idle: SimpleQueue[Runner], control: Control, ran: Ran, how: Failure, number: int
    ) -> Found:
        """The failing run, with the fewest switches, its trace kept."""
        runner = idle.get()

        def fails(other: Ran | None) -> bool:
            same = None if other is None else failure(other, self.check, self.fail_on)
            return same is not None and (same.kind, same.subject) == (how.kind, how.subject)

        def run(schedule: Schedule) -> tuple[Made, ...] | None:
            other = runner.run(replace(control, schedule))
            return other.switches if other is not None and fails(other) else None

        try:
            switches, runs, again = len(ran.switches or ()), 0, control
            if ran.schedule is not None and ran.switches is not None:
                late = control.explores_time and run(ran.schedule) is None
                reduction = Reduction(ran.switches, lambda tried: run(tried._replace(late=late)))
                try:
                    reduction.run()
                except KeyboardInterrupt:
                    self.interrupted = True
                    runner.restart()
                runs = reduction.runs
                small = Schedule(tuple(made.switch for made in reduction.best), late)
                again = replace(control, small)
            place = self.place(self.program.name)
            kept = runner.run(again, place)
        finally:
            idle.put(runner)
        return Found(
            how,
            kept or ran,
            place.file,
            again,
            number,
            control.strategy,
            switches,
            runs,
            fails(kept),
        )


def replace(control: Control, schedule: Schedule) -> Control:
    """The control of a run of this schedule, otherwise as in a run that was chosen."""
    return control._replace(
        strategy="schedule", schedule=str(schedule), explores_time=schedule.late
    )


def _kept_stdin(folder: Path) -> str:
    """A file with what is on stdin now, for each run to read the same; an empty one for a terminal,
    and where nobody writes."""
    mode = os.fstat(0).st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)) or not select([0], [], [], 0)[0]:
        return os.devnull
    file = folder / "stdin"
    with open(file, "wb") as kept, open(0, "rb", closefd=False) as given:
        copyfileobj(given, kept)
    return str(file)


def processors() -> int:
    """As many as this process may use processors."""
    return len(os.sched_getaffinity(0))
