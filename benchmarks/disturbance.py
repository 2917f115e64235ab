"""How much recording disturbs: how often races go wrong, plain and recorded.

A race's rate varies from run to run with how the system happens to switch the threads; so plain and
recorded runs take turns, and each rate is given with the least and the most of single runs.
"""

from __future__ import annotations

from .measure import PROGRAMS, Bench, Command, run

RUNS = 20

RACES = {
    "one line": "n += 1 in a loop",
    "function": "n = increased(n) in a loop",
    "sections": "read in one critical section, written in another",
    "write": "an os.write between read and write",
    "sleep": "a sleep between read and write",
    "made": "a sleep between check and act",
    "popped": "if len(items) > 0: items.pop()",
}


def measure(bench: Bench) -> None:
    print(f"Share of tries that went wrong, in {RUNS} runs each")
    script = PROGRAMS / "races.py"
    for name, label in RACES.items():
        plain, recorded = [], []
        for _ in range(RUNS):
            plain.append(_rate(bench.plain(script, name)))
            recorded.append(_rate(bench.traced(str(script), name)))
        print(f"{label:<50} plain {_summary(plain)}   recorded {_summary(recorded)}", flush=True)


def _rate(command: Command) -> float:
    wrong, tries = run(command)[0].split()
    return int(wrong) / int(tries)


def _summary(rates: list[float]) -> str:
    mean = sum(rates) / len(rates)
    return f"{mean:6.2%} (from {min(rates):6.2%} to {max(rates):6.2%})"
