"""`socketserver`: whether a server goes on is a step, for it may just be told to shut down."""

from __future__ import annotations

from socketserver import BaseServer
from typing import Any, Final

from tracer import _core
from tracer.ops import Op
from tracer.primitives.rewriting import Patch, before, edited, heading

_LOOK: Final = "serve"
_END: Final = "serve no more"


def _shutting_down() -> None:
    if _core.recording():
        _core.gate(Op.STEP, 0)
        _core.emit(Op.STEP, 0, value="shut down")


def _goes_on(goes_on: Any) -> bool:
    """The answer; in a replay that of the recording."""
    if not _core.recording():
        return bool(goes_on)
    _core.gate(Op.STEP, 0)
    if _core.step_to_come(_LOOK):
        goes_on = True
    elif _core.step_to_come(_END):
        goes_on = False
    _core.emit(Op.STEP, 0, value=_LOOK if goes_on else _END)
    return bool(goes_on)


def _stops(stops: Any) -> bool:
    return not _goes_on(not stops)


PATCHES: Final[list[Patch]] = [
    edited(
        BaseServer.serve_forever,
        heading("while not self.__shutdown_request:", _goes_on, "value"),
        heading("if self.__shutdown_request:", _stops, "value"),
    ),
    edited(BaseServer.shutdown, before("self.__shutdown_request = True", _shutting_down, "")),
]
