"""Pairs of sockets: what is sent into one comes before what the other receives then.

What they send and receive is native (`core/src/channels`), as are the pipes of `os.pipe`. Pairs
that the standard library makes for itself are not recorded, nor are sockets with an address.
"""

from __future__ import annotations

import socket
from typing import Final

from tracer import _core
from tracer.primitives.rewriting import Patch, edited, results


def _paired(ends: tuple[socket.socket, socket.socket]) -> tuple[socket.socket, socket.socket]:
    if _core.recording():
        _core.made_sockets(ends[0].fileno(), ends[1].fileno())
    return ends


PATCHES: Final[list[Patch]] = [edited(socket.socketpair, results(_paired, "result"))]
