"""What rides in a message between processes, behind its pickle: a trailer (`core/src/trailers.rs`).

`pickle.loads` ignores what follows the pickle's end, so a receiver that is not recorded is not
disturbed.
"""

from __future__ import annotations

import threading
from io import BytesIO
from typing import Final, NamedTuple

from tracer import _core

LONGEST: Final = _core.LONGEST_TRAILER


class Note(NamedTuple):
    """What a trailer says: the event that sent the message, and the object it is about."""

    seq: int
    key: str = ""


class _Passing(threading.local):
    """How a note gets past code of the standard library that knows nothing of it."""

    outgoing: Note | None = None  # for the next message that this thread sends
    incoming: Note | None = None  # of the last message that this thread received
    begun = 0  # the object of the task in it, whose RUN has been recorded


passing: Final = _Passing()


def trailer(note: Note) -> bytes:
    """What is to follow the pickle."""
    return _core.trailer(note.seq, note.key)


def strip(message: BytesIO) -> Note | None:
    """Take the trailer off a received message, whose position is its end, and return the note."""
    found = _core.note_behind(message)
    if found is None:
        return None
    seq, key, length = found
    message.seek(length)
    message.truncate()
    return Note(seq, key)
