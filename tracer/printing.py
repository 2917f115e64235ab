"""Names and values from a trace, as they may be shown: on a terminal, in a picture, in a log.

A trace is data from a stranger, and so are the names in an honest one: a program may call a thread
what it likes. What could steer a terminal or forge a line (control characters, line ends, changes
of direction), and what is no character at all, is escaped as Python's source has it. What is long
is cut. `tracer.trace` passes every name through here, so that all reports have the same.
"""

from __future__ import annotations

from functools import lru_cache

LONGEST_NAME = 200
LONGEST_TEXT = 2000
"""Characters of a name, and of a sentence of the recorder's, after which it is cut."""


def printable(text: str) -> str:
    """`text` with everything that is not printable escaped."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def cut(text: str, width: int) -> str:
    """`text`, or so much of it that with a sign of what is missing it has `width` characters."""
    return text if len(text) <= width else text[: width - 1] + "…"


@lru_cache(maxsize=4096)
def name(text: str) -> str:
    """A name as every report has it."""
    return printable(cut(text, LONGEST_NAME))


def sentence(text: str) -> str:
    """What the recorder had to say, on one line."""
    return printable(cut(text, LONGEST_TEXT))


def quoted(value: object, width: int) -> str:
    """A plain value as source would write it, on one line, cut at `width` characters."""
    if isinstance(value, str | bytes):
        value = value[:width]
    return cut(printable(repr(value)), width)
