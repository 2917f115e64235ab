"""Keys of shared objects that travel in a field of the standard library's own.

A SemLock's pickled state goes, as it is, to a C function. So the key rides on its name: a str
that pickles as a call which yields a plain str where nothing is recorded.
"""

from __future__ import annotations

from collections.abc import Callable


class Carried(str):
    """A str that carries a key."""

    __slots__ = ("key",)
    key: str

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        found = f"__import__('sys').modules.get({__name__!r})"
        plain = str(self)
        choice = f"(lambda m: m.carried({plain!r}, {self.key!r}) if m else {plain!r})"
        return eval, (f"{choice}({found})",)


def carried(text: str, key: str) -> Carried:
    """The text, carrying the key."""
    made = Carried(text)
    made.key = key
    return made
