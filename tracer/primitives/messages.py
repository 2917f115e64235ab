"""What rides in a message between processes, behind its pickle.

`pickle.loads` ignores what follows the pickle's end, so a receiver that is not recorded is not
disturbed. A trailer is: the key of an object (see `share_object`; may be empty), the sequence
number of the event that sent the message, the length of the key, and a magic number.
"""

from __future__ import annotations

import struct
import threading
from io import BytesIO
from typing import Final, NamedTuple

_MAGIC: Final = b"\x93rtrace\x01"
_END: Final = struct.Struct("<QB8s")
_LONGEST_KEY: Final = 255
LONGEST: Final = _END.size + _LONGEST_KEY


class Note(NamedTuple):
    """What a trailer says: the event that sent the message, and the object it is about."""

    seq: int
    key: str = ""


class _Passing(threading.local):
    """How a note gets past code of the standard library that knows nothing of it."""

    outgoing: Note | None = None  # for the next message that this thread sends
    incoming: Note | None = None  # of the last message that this thread received


passing: Final = _Passing()


def trailer(note: Note) -> bytes:
    """What is to follow the pickle."""
    key = note.key.encode()
    return key + _END.pack(note.seq, len(key), _MAGIC)


def strip(message: BytesIO) -> Note | None:
    """Take the trailer off a received message, whose position is its end, and return the note."""
    view = message.getbuffer()
    length = len(view)
    if length <= _END.size or bytes(view[length - 8 :]) != _MAGIC:
        view.release()
        return None
    end = length - _END.size
    seq, size, _ = _END.unpack_from(view, end)
    start = end - size
    key = bytes(view[max(start, 0) : end]).decode("ascii", "replace")
    view.release()
    if start <= 0:
        return None
    message.seek(start)
    message.truncate()
    return Note(seq, key)
