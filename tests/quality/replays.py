"""Record programs again and again, and replay each recording: how many came out as recorded.

    python tests/quality/replays.py tests/programs/tutorial/*.py --recordings 20 --seeds 2

records each program so often, and under each seed, replays each recording once, and prints a line
for each program. Under one seed all recordings must be the same file. `--jobs` runs several
programs beside each other, which also makes the machine a busy one. `--keep FOLDER` keeps the
recordings whose replay came out otherwise, with what it said.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

NEVER_END = frozenset({"traffic_light", "door"})
"""Programs that go on until they are told to end."""

_COMMAND = [sys.executable, "-m", "racetrace"]
_LIMIT = 120
"""Seconds after which a run is said to hang."""


@dataclass
class Outcomes:
    """Of one program, free or under a seed: how many recordings were replayed, which were not and
    why, and how many different files there were."""

    program: Path
    seed: int | None
    replayed: int = 0
    failures: list[str] = field(default_factory=list)
    files: set[bytes] = field(default_factory=set)

    @property
    def right(self) -> bool:
        """Whether all were replayed, and all recordings under the seed are the same."""
        return not self.failures and (self.seed is None or len(self.files) <= 1)

    def __str__(self) -> str:
        way = "free" if self.seed is None else f"seed {self.seed}"
        count = self.replayed + len(self.failures)
        files = "" if self.seed is None else f"  {len(self.files)} different"
        mark = "" if self.right else "  **"
        return f"{self.program.stem:28} {way:8} {self.replayed:3} of {count}{files}{mark}"


End = tuple[int | None, bytes, str]
"""How a command ended: exit status (None: it hung), stdout and stderr."""


def _run(*arguments: str, folder: str) -> End:
    try:
        done = subprocess.run(
            [*_COMMAND, *arguments],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_LIMIT,
        )
    except subprocess.TimeoutExpired as error:
        return None, error.stdout or b"", (error.stderr or b"").decode(errors="replace")
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")


def _options(program: Path) -> list[str]:
    """Those that the program wants: its first line begins with `# REPLAYS with OPTIONS: `."""
    found = re.match("# REPLAYS with ([^:]+): ", program.read_text())
    return found[1].split() if found else []


def once(
    program: Path, seed: int | None, folder: str, run: Callable[..., End] = _run
) -> tuple[str, bytes]:
    """Record the program and replay it: what went wrong, empty if nothing, and the recording. `run`
    is how a command is run."""
    file = Path(folder) / "run.msgpack"
    ending = ["--timeout", "1"] if program.stem in NEVER_END else []
    control = [] if seed is None else ["--seed", str(seed)]
    options = ["--force", "-o", str(file), *ending, *control, *_options(program)]
    status, first, said = run("run", *options, str(program), folder=folder)
    if status is None or not file.exists():
        return f"recording: exit status {status}\n{said}", b""
    recording = file.read_bytes()
    status, second, said = run("replay", str(file), folder=folder)
    if status == 0 and (ending or first == second):
        return "", recording
    how = {None: "hung", 0: "other output"}.get(status, f"exit status {status}")
    return f"replay: {how}\n{said}", recording


def outcomes(program: Path, seed: int | None, recordings: int, keep: Path | None) -> Outcomes:
    """Record the program so often and replay each recording."""
    found = Outcomes(program, seed)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(recordings):
            failure, recording = once(program, seed, folder)
            found.files.add(recording)
            if not failure:
                found.replayed += 1
                continue
            found.failures.append(failure)
            if keep is not None:
                name = f"{program.stem}.{'free' if seed is None else seed}.{number}"
                keep.mkdir(parents=True, exist_ok=True)
                (keep / f"{name}.txt").write_text(failure)
                if recording:
                    shutil.copy(Path(folder) / "run.msgpack", keep / f"{name}.msgpack")
    return found


def table(
    programs: Sequence[Path],
    seeds: Sequence[int | None],
    recordings: int,
    jobs: int,
    keep: Path | None = None,
) -> Iterator[Outcomes]:
    """The outcomes of all programs under all seeds, in order."""
    tasks = [(program.resolve(), seed) for program in programs for seed in seeds]
    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(lambda task: outcomes(*task, recordings, keep), tasks)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("programs", nargs="+", type=Path, metavar="PROGRAM")
    parser.add_argument("--recordings", type=int, default=20, metavar="N")
    parser.add_argument("--seeds", type=int, default=0, metavar="N", help="also seeds 0 to N - 1")
    parser.add_argument("--jobs", type=int, default=1, metavar="N")
    parser.add_argument("--keep", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    seeds = [None, *range(options.seeds)]
    wrong = 0
    for found in table(options.programs, seeds, options.recordings, options.jobs, options.keep):
        print(found, flush=True)
        wrong += not found.right
    sys.exit(wrong != 0)


if __name__ == "__main__":
    main()
