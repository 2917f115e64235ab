"""Which anchors of the standard library are edited on this Python.

    python tests/unit/primitives/anchors.py > 3.13.txt    # one line each, to compare versions by

Each line names the family's file, the function, how it is edited and the anchor.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from tracer import primitives
from tracer.primitives.edits import Edited


def anchors() -> Iterator[tuple[str, str, str, str]]:
    """Family, function, way and anchor of every edit; of what is replaced whole, its name."""
    folder = Path(primitives.__file__).parent
    for file in sorted(folder.glob("*.py")):
        module = f"tracer.primitives.{file.stem}"
        try:
            table = getattr(import_module(module), "PATCHES", ())
        except ImportError:  # what it edits is not installed, or not of this Python
            continue
        for row in table:
            if not isinstance(row, Edited):
                owner, name, _ = row
                yield file.stem, f"{getattr(owner, '__name__', owner)}.{name}", "replaced whole", ""
                continue
            function = f"{row.function.__module__}.{row.function.__qualname__}"
            for edit in row.edits:
                some = (edit.anchor,) if isinstance(edit.anchor, str) else edit.anchor
                yield from ((file.stem, function, edit.way, anchor) for anchor in some)


if __name__ == "__main__":
    for words in anchors():
        columns = zip(words, (18, 50, 15, 0), strict=True)
        print(" ".join(word.ljust(width) for word, width in columns).rstrip())
