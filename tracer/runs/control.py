"""Control: one thread of all runs at a time, and a strategy says which. See `core/src/control`."""

from __future__ import annotations

from os import PathLike
from typing import Any, NamedTuple

from .. import _core

DEFAULT_DEPTH = 3
DEFAULT_LENGTH = 1000


class Control(NamedTuple):
    """How a run is controlled: the same program, seed and strategy give the same trace.

    `depth` is how many orderings the bugs need that the strategy "pct" is to find, `length` how
    many steps it expects the run to take. "replay" follows the order of `trace`, a file; with
    `follow` it goes on when the program does something else; `breakpoint` is what stops it, a
    module, and after a / where and how; `supervisor` is the pid of the recorded run's. `lone_reads`
    says that reads of a thread that is alone are recorded too, as older traces have them.
    `explores_time` lets waits end by their deadlines before these have come, as in a run in which
    all others are slow; after `most_steps` it is ended (0: never). "schedule" makes the switches of
    `schedule`, the text of a `Schedule`.
    """

    strategy: str = "random"
    seed: int = 0
    depth: int = DEFAULT_DEPTH
    length: int = DEFAULT_LENGTH
    follow: bool = False
    breakpoint: str = ""
    supervisor: int = 0
    trace: str = ""
    lone_reads: bool = False
    explores_time: bool = False
    schedule: str = ""
    most_steps: int = 0

    def fields(self) -> dict[str, object]:
        """What the trace's header says of it."""
        fields = self._asdict()
        del fields["breakpoint"], fields["supervisor"], fields["lone_reads"]
        if self.strategy != "schedule":
            del fields["schedule"]
        for name in ("explores_time", "most_steps"):
            if not fields[name]:
                del fields[name]
        if self.strategy != "pct":
            del fields["depth"], fields["length"]
        if self.strategy == "replay":
            del fields["seed"]
        else:
            del fields["trace"], fields["follow"]
        return fields

    def __str__(self) -> str:
        numbers = f"{self.seed}:{self.depth}:{self.length}:{self.follow:d}"
        numbers += f":{self.lone_reads:d}:{self.explores_time:d}:{self.most_steps}"
        texts = f"{self.breakpoint}:{self.supervisor}:{self.schedule}:{self.trace}"
        return f"{self.strategy}:{numbers}:{texts}"

    @classmethod
    def parse(cls, text: str) -> Control:
        """The opposite of `str`."""
        strategy, seed, depth, length, follow, lone, time, most, *texts = text.split(":", 11)
        where, supervisor, schedule, trace = texts
        return cls(
            strategy,
            int(seed),
            int(depth),
            int(length),
            follow == "1",
            where,
            int(supervisor),
            trace,
            lone == "1",
            time == "1",
            schedule,
            int(most),
        )

    def has_stopped(self, spool: str | PathLike[str]) -> bool:
        """Whether the run in this spool has not come to its program's end: a replay that was to
        stop, or has become another run."""
        if self.strategy != "replay":
            return False
        summary: dict[str, int] = _core.control.control_summary(spool)
        return bool(summary["stopped"] or summary["deadlock"] or "gave_up_after" in summary)

    def outcome(self, spool: str | PathLike[str]) -> dict[str, Any]:
        """What the trace's header says of the run that has ended in this spool: when it started
        and how long it took in virtual time, and under `control` what it was like."""
        summary: dict[str, int] = _core.control.control_summary(spool)
        if not summary["endless"]:
            del summary["endless"]
        return {
            "started": summary.pop("started") / 1e9,
            "duration": summary.pop("duration"),
            "control": {**self.fields(), **summary},
        }
