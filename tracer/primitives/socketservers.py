"""`socketserver`: whether a server goes on is a step, for it may just be told to shut down."""

from __future__ import annotations

from socketserver import BaseServer
from typing import Any, Final

from .. import _core
from .edits import Table, before, edited, heading
from .steps import Steps

_LOOK: Final = Steps("server goes on")
_SHUTDOWN: Final = Steps("server shut down")


def _shutting_down() -> None:
    if _core.record.recording():
        _SHUTDOWN.make()


def _goes_on(goes_on: Any) -> bool:
    """The answer; in a replay that of the recording."""
    if not _core.record.recording():
        return bool(goes_on)
    _LOOK.gate()
    answer = bool(_LOOK.expected(bool(goes_on)))
    _LOOK.record(answer)
    return answer


def _stops(stops: Any) -> bool:
    return not _goes_on(not stops)


PATCHES: Final[Table] = [
    edited(
        BaseServer.serve_forever,
        heading("while not self.__shutdown_request:", _goes_on, "value"),
        heading("if self.__shutdown_request:", _stops, "value"),
    ),
    edited(BaseServer.shutdown, before("self.__shutdown_request = True", _shutting_down, "")),
]
