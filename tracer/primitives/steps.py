"""What STEPs are on that are of no object of the program's: each use of them has one of its own."""

from __future__ import annotations

from typing import Any, Final

from .. import _core
from ..ops import Op


class Steps:
    """STEPs of one use. In a replay no other is taken for one of them."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name: Final = name

    @property
    def number(self) -> int:
        """The object's number in this recording; 0 if there is none."""
        return _core.record.object_of_steps(self._name)

    def gate(self) -> None:
        """The calling thread is about to make one: others may go first."""
        _core.control.gate(Op.STEP, self.number)

    def record(self, value: object = ..., link: int = 0) -> int:
        """Record one of the calling thread; its sequence number."""
        return _core.record.emit(Op.STEP, self.number, value=value, link=link)

    def make(self, value: object = ..., link: int = 0) -> int:
        """The same, with others before it that go first."""
        self.gate()
        return self.record(value, link)

    def comes(self) -> bool:
        """Whether the calling thread's next event in a replay, be it its turn or not, is one."""
        return _core.replay.to_come(Op.STEP, self.number)

    def expected(self, value: Any) -> Any:
        """In a replay the value of the one whose turn it is; else the given one."""
        return _core.replay.expected_value(Op.STEP, value) if self.comes() else value

    def count_to_come(self) -> int:
        """The value, a number, of the calling thread's next event in a replay if it is one; else
        0."""
        return _core.replay.count_to_come(Op.STEP, self.number)
