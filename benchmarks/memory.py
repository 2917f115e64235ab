"""The most memory that a recorded program has at a time, and what writes its trace."""

from __future__ import annotations

from .measure import Bench, largest_peak, program_peak

PROGRAMS = {
    "empty": "an empty script",
    "locked_counter": "locked counter",
    "threaded_server": "threaded server",
}


def measure(bench: Bench) -> None:
    print(
        "Peak memory, times plain Python: of the program, and of the largest process, which may be"
    )
    print("the one that writes the trace when the program has ended")
    for program, label in PROGRAMS.items():
        bench.recorded(f"{label}, memory", program, measure=program_peak, pairs=3, unit="MiB")
        whole = f"{label}, memory of the largest process"
        bench.recorded(whole, program, measure=largest_peak, pairs=3, unit="MiB")
