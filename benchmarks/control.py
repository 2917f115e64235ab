"""Runs under control: hand-offs from thread to thread, and replay."""

from __future__ import annotations

import itertools
import statistics
from pathlib import Path

import tracer

from .measure import (
    HERE,
    PAIRS,
    PROGRAMS,
    Bench,
    inside,
    least,
    reported,
    whole,
)

MANY, FEW = 40_000, 10
DECREMENT = HERE.parent / "tests" / "programs" / "tutorial" / "decrement.py"


def measure(bench: Bench) -> None:
    handed_over(bench)
    replayed(bench)
    print("A hundred threads that sleep 1 s: replay, times the recording")
    recording = bench.traced(str(DECREMENT))
    whole(recording)
    recorded = Path(bench.folder, "bench.msgpack").rename(Path(bench.folder, "decrement.msgpack"))
    bench.ratio("trace replay", [bench.trace, "replay", str(recorded)], recording, whole)


def handed_over(bench: Bench) -> None:
    """The controlled program's own time, without that of the trace and its analysis."""
    counter = str(PROGRAMS / "shared_counter.py")
    controlled = bench.traced("--seed", "1", counter)
    fewest = min(reported([*controlled, str(FEW)]) for _ in range(PAIRS))
    rounds = 10_000
    ping_pong = bench.plain(PROGRAMS / "ping_pong.py", str(rounds))
    pairs = []
    for _ in range(PAIRS):
        took = reported([*controlled, str(MANY)]) - fewest
        pairs.append((took, inside(ping_pong) / (2 * rounds)))
    events = tracer.load(f"{bench.folder}/bench.msgpack").events
    threads = (event.thread for event in events)
    hand_offs = sum(a is not b for a, b in itertools.pairwise(threads))
    ratios = sorted(plain * hand_offs / took for took, plain in pairs)
    took, plain = (statistics.median(pair[i] for pair in pairs) for i in (0, 1))
    print(
        f"hand-offs a second under control: {hand_offs / took:,.0f};"
        f" threading.Condition ping-pong: {1 / plain:,.0f};"
        f" {statistics.median(ratios):.1f} times as many (from {ratios[0]:.1f} to {ratios[-1]:.1f})"
    )


def replayed(bench: Bench) -> None:
    counter = str(PROGRAMS / "one_thread.py")
    taken = []
    for rounds in (FEW, 10 * MANY):
        whole(bench.traced(counter, str(rounds)))
        taken.append(least([bench.trace, "replay", f"{bench.folder}/bench.msgpack"]))
    events = len(tracer.load(f"{bench.folder}/bench.msgpack").events)
    print(f"replayed events a second, without hand-off: {events / (taken[1] - taken[0]):,.0f}")
