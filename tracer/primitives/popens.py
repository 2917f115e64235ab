"""What multiprocessing does to a child: signals sent."""

from __future__ import annotations

from multiprocessing.popen_fork import Popen
from typing import Any, Final

from tracer import _core
from tracer.ops import Op
from tracer.primitives import objects
from tracer.primitives.rewriting import Patch, before, edited


def _signalled(popen: Any, number: int) -> None:
    if _core.recording() and (child := popen.__dict__.get(objects.KEY)) is not None:
        _core.emit(Op.TERMINATE, child.number, value=int(number))


PATCHES: Final[list[Patch]] = [
    edited(Popen._send_signal, before("os.kill(self.pid", _signalled, "self, sig")),  # type: ignore[attr-defined]
]
