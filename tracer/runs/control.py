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

    def fields(self) -> dict[str, object]:
        """What the trace's header says of it."""
        fields = self._asdict()
        del fields["breakpoint"], fields["supervisor"], fields["lone_reads"]
        if self.strategy != "pct":
            del fields["depth"], fields["length"]
        if self.strategy == "replay":
            del fields["seed"]
        else:
            del fields["trace"], fields["follow"]
        return fields

    def __str__(self) -> str:
        numbers = f"{self.seed}:{self.depth}:{self.length}:{self.follow:d}:{self.lone_reads:d}"
        return f"{self.strategy}:{numbers}:{self.breakpoint}:{self.supervisor}:{self.trace}"

    @classmethod
    def parse(cls, text: str) -> Control:
        """The opposite of `str`."""
        strategy, seed, depth, length, follow, lone, where, supervisor, trace = text.split(":", 8)
        numbers = int(seed), int(depth), int(length), follow == "1"
        return cls(strategy, *numbers, where, int(supervisor), trace, lone == "1")

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
        return {
            "started": summary.pop("started") / 1e9,
            "duration": summary.pop("duration"),
            "control": {**self.fields(), **summary},
        }
