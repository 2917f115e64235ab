"""Replay knows the items of a dict by their keys, of whatever kind those are."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import invoke, run

COUNT = """
import datetime, enum, multiprocessing, threading
class Colour(enum.Enum):
    RED = 1
KEYS = [0.25, (1, (2.5, "a")), Colour.RED, True, 2**70, 1j, Colour, (Colour.RED, 1), float("inf"),
        frozenset({1, 2}), datetime.date(2024, 5, 6)]
def count(counts):
    for key in KEYS:
        counts[key] = counts.get(key, 0) + 1
"""
THREADS = """
counts = {}
crew = [threading.Thread(target=count, args=(counts,)) for _ in range(3)]
for t in crew: t.start()
for t in crew: t.join()
print(list(counts.values()))
"""
PROCESSES = """
if __name__ == "__main__":
    with multiprocessing.Manager() as manager:
        counts = manager.dict()
        crew = [multiprocessing.Process(target=count, args=(counts,)) for _ in range(2)]
        for p in crew: p.start()
        for p in crew: p.join()
        print(list(counts.values()))
"""


@pytest.mark.parametrize("options", [(), ("--seed", "1")], ids=["free", "seed"])
@pytest.mark.parametrize("source", [THREADS, PROCESSES], ids=["threads", "processes"])
def test_items_are_replayed(source: str, options: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(COUNT + source)
    recorded = run(tmp_path, "p.py", options=options)
    again = invoke(tmp_path, "replay", recorded.file)
    assert again.returncode == 0, again.stderr
    assert again.stdout == recorded.stdout
