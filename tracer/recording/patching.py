"""The primitives' patches of the standard library, made for the time of a recording."""

from __future__ import annotations

from collections.abc import Callable, Iterable

Patch = tuple[object, str, object]


def apply(patches: Iterable[Patch]) -> Callable[[], None]:
    """Give each target its new attribute; returns the function that puts the old ones back.

    A patch is a target, the name of its attribute, and the value to give it.
    """
    undo: list[Patch] = []
    for target, name, value in patches:
        undo.append((target, name, getattr(target, name)))
        setattr(target, name, value)

    def restore() -> None:
        while undo:
            setattr(*undo.pop())

    return restore
