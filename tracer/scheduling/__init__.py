"""Control: one thread of all runs at a time, and a strategy says which. See `core/src/schedule`."""

from __future__ import annotations

from typing import NamedTuple

from tracer import _core

DEFAULT_DEPTH = 3
DEFAULT_LENGTH = 1000


class Control(NamedTuple):
    """How a run is controlled: the same program, seed and strategy give the same trace.

    `depth` is how many orderings the bugs need that the strategy "pct" is to find, `length` how
    many steps it expects the run to take. "replay" follows the order of `trace`, a file.
    """

    strategy: str = "random"
    seed: int = 0
    depth: int = DEFAULT_DEPTH
    length: int = DEFAULT_LENGTH
    trace: str = ""

    def fields(self) -> dict[str, object]:
        """What the trace's header says of it."""
        fields = self._asdict()
        if self.strategy != "pct":
            del fields["depth"], fields["length"]
        del fields["seed" if self.strategy == "replay" else "trace"]
        return fields

    def __str__(self) -> str:
        return f"{self.strategy}:{self.seed}:{self.depth}:{self.length}:{self.trace}"

    @classmethod
    def parse(cls, text: str) -> Control:
        """The opposite of `str`."""
        strategy, seed, depth, length, trace = text.split(":", 4)
        return cls(strategy, int(seed), int(depth), int(length), trace)

    def begin(self, spool: str) -> None:
        """Put this process, the first of its run, under control. It must have one thread."""
        if self.trace:
            _core.follow_trace(self.trace)
        _core.control(spool, self.strategy, self.seed, self.depth, self.length)
