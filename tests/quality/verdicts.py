"""Hold `trace run` and `trace check` against programs whose right verdict is known.

    python tests/quality/verdicts.py --only 'right/*' --seeds 12 --jobs 2

records each program once free and once under each seed, and prints in how many of the runs the
verdict was right. The programs say what is right in their first line, see programs/README.md.
"""

from __future__ import annotations

import argparse
import fnmatch
import itertools
import multiprocessing
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import tracer
from tracer.events import Finding
from tracer.runs.control import Control
from tracer.supervising import supervisor

PROGRAMS = Path(__file__).parent / "programs"
FREE = None
"""The way of a run that is not under control; the others are seeds."""

TIMEOUT = 20.0
_HEAD = re.compile(r"# (?:FINDS: (?P<kinds>[\w| -]+) on (?P<names>[\w, ]+)|CLEAN: .+)\n")


@dataclass(frozen=True, slots=True)
class Program:
    """A program of the corpus. `kinds` are those of which one must be found, on one of the
    variables `names`; both are empty for a program that is right."""

    name: str
    script: Path
    kinds: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    @classmethod
    def read(cls, path: Path) -> Program:
        """Raises ValueError if the first line does not say what is right."""
        script = path / "main.py" if path.is_dir() else path
        with script.open(encoding="utf-8") as lines:
            head = _HEAD.fullmatch(lines.readline())
        name = f"{path.parent.name}/{path.stem}"
        if head is None or bool(head["kinds"]) != (path.parent.name == "wrong"):
            raise ValueError(f"{name}: the first line does not say what is right")
        words = [
            frozenset(word.strip() for word in text.split(separator)) if text else frozenset()
            for text, separator in ((head["kinds"], "|"), (head["names"], ","))
        ]
        return cls(name, script, *words)

    @property
    def right(self) -> bool:
        return not self.kinds

    def is_the_bug(self, finding: Finding) -> bool:
        """Whether the finding is of the kind and the variable that the program is about."""
        places = (
            finding.location and finding.location.name,
            finding.object and finding.object.name,
        )
        words = re.findall(r"\w+", " ".join(place for place in places if place))
        kinds = {one.kind for one in finding.patterns}
        return not kinds.isdisjoint(self.kinds) and not self.names.isdisjoint(words)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run of a program said.

    `word` is `found` (the bug), `clean` or `inconclusive`, or `other`: nothing but findings that
    are not the program's bug. `findings` are kind, status and place of all.
    """

    program: str
    way: int | None
    word: str
    exit_status: int | None
    findings: tuple[str, ...]

    @property
    def right(self) -> bool:
        """Whether the verdict is right, and a right program ended as it should."""
        if self.program.startswith("right/"):
            return self.word == "clean" and self.exit_status == 0
        return self.word == "found"

    def __str__(self) -> str:
        way = "free" if self.way is FREE else f"seed {self.way}"
        ended = "" if self.exit_status == 0 else f" (exit status {self.exit_status})"
        return f"{self.program}, {way}: {self.word}{ended}" + "".join(
            f"\n    {finding}" for finding in self.findings
        )


def programs(only: str = "*") -> list[Program]:
    """The programs of the corpus whose names (`right/turns`) match."""
    found = [
        Program.read(path)
        for side in ("wrong", "right")
        for path in sorted((PROGRAMS / side).iterdir())
        if path.suffix == ".py" or (path / "main.py").exists()
    ]
    return [program for program in found if fnmatch.fnmatch(program.name, only)]


def outcome(program: Program, way: int | None) -> Outcome:
    """Record one run of the program, and check it."""
    with tempfile.TemporaryDirectory() as folder:
        run = supervisor.supervise(
            supervisor.Program("script", str(program.script)),
            output=Path(folder) / "run.msgpack",
            timeout=TIMEOUT,
            control=None if way is FREE else Control("random", way),
        )
        verdict = tracer.load(run.file).verdict()
    word = verdict.word
    if word == "findings":
        word = "found" if any(map(program.is_the_bug, verdict.findings)) else "other"
    return Outcome(program.name, way, word, run.exit_status, tuple(map(_brief, verdict.findings)))


def _brief(finding: Finding) -> str:
    place = finding.location or finding.object
    sites = ", ".join(f"{Path(site.file).name}:{site.line}" for site in finding.sites)
    return f"{finding.kind} ({finding.status}) on {place.name if place else '?'} at {sites}"


class Supervisors:
    """`count` processes, each of which supervises one run after the other, as `trace run` does one;
    what the programs print is dropped."""

    def __init__(self, count: int) -> None:
        context = multiprocessing.get_context("forkserver")
        self._workers = ProcessPoolExecutor(count, context, _silence)

    def __enter__(self) -> Supervisors:
        return self

    def __exit__(self, *_: object) -> None:
        self._workers.shutdown(cancel_futures=True)

    def outcomes(self, of: Sequence[Program], ways: Sequence[int | None]) -> Iterator[Outcome]:
        """The outcomes of all runs, in the order of programs and ways."""
        tasks = [(program, way) for program in of for way in ways]
        yield from self._workers.map(outcome, *zip(*tasks, strict=True), chunksize=len(ways))


def _silence() -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)


COLUMNS = ("found", "clean", "inconclusive", "other")


class Table:
    """The lines of a table: of a program the counts of its words, and how many of its runs were
    right; at the end, of how many programs all were, some, or none."""

    def __init__(self, of: Sequence[Program]) -> None:
        self._width = max(len(program.name) for program in of)
        self._sides: Counter[tuple[str, str]] = Counter()

    def head(self) -> str:
        return f"{'program':{self._width}}  " + " ".join(f"{w:>12}" for w in COLUMNS) + "  right"

    def row(self, runs: Sequence[Outcome]) -> str:
        """The line of one program."""
        name = runs[0].program
        words = Counter(run.word for run in runs)
        right = sum(run.right for run in runs)
        counts = " ".join(f"{words[word] or '':>12}" for word in COLUMNS)
        mark = "" if right == len(runs) else "  *" if right else "  **"
        how = "in all runs" if right == len(runs) else "in some" if right else "in none"
        self._sides[name.partition("/")[0], how] += 1
        return f"{name:{self._width}}  {counts}  {right}/{len(runs)}{mark}"

    def summary(self) -> Iterator[str]:
        for side in ("wrong", "right"):
            parts = (
                f"{self._sides[side, how]} {how}" for how in ("in all runs", "in some", "in none")
            )
            yield f"{side} programs with the right verdict: {', '.join(parts)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default="*", metavar="GLOB", help="right/*, */counter_*")
    parser.add_argument("--seeds", type=int, default=12, metavar="N", help="seeds 0 to N - 1")
    parser.add_argument("--jobs", type=int, default=1, metavar="N")
    parser.add_argument("--wrong-ones", action="store_true", help="show the runs that were wrong")
    options = parser.parse_args()
    chosen = programs(options.only)
    if not chosen:
        sys.exit(f"no program matches {options.only}")
    ways = [FREE, *range(options.seeds)]
    table = Table(chosen)
    print(table.head())
    wrong: list[Outcome] = []
    with Supervisors(options.jobs) as supervisors:
        everything = supervisors.outcomes(chosen, ways)
        for _ in chosen:
            runs = list(itertools.islice(everything, len(ways)))
            print(table.row(runs), flush=True)
            wrong += (run for run in runs if not run.right)
    print("\n".join(table.summary()))
    if options.wrong_ones:
        print("\n".join(map(str, wrong)))


if __name__ == "__main__":
    main()
