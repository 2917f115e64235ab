"""Pairs of sockets: what is sent into one comes before what the other receives then.

What they send and receive is native (`core/src/channels`), as are the pipes of `os.pipe`. Of pairs
that the standard library makes for itself, and of sockets with an address, the order of what they
do is recorded, as steps (`core/src/traffic`).
"""

from __future__ import annotations

import socket
from typing import Final

from .. import _core
from .edits import Table, after, before, edited, results


def _paired(ends: tuple[socket.socket, socket.socket]) -> tuple[socket.socket, socket.socket]:
    if _core.record.recording():
        _core.primitives.made_sockets(ends[0].fileno(), ends[1].fileno())
    return ends


def _making(fileno: object) -> None:
    if fileno is None:
        _core.primitives.making_socket()


def _made(made: socket.socket, fileno: object) -> None:
    if fileno is None:
        _core.primitives.made_socket(made)


_core.primitives.record_sockets()

PATCHES: Final[Table] = [
    edited(socket.socketpair, results(_paired, "result")),
    edited(
        socket.socket.__init__,
        before("_socket.socket.__init__(", _making, "fileno"),
        after("_socket.socket.__init__(", _made, "self, fileno"),
    ),
]
