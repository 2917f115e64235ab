"""Prints every figure that the README claims, as ratios of one run.

make bench                                  all of it
python -m benchmarks NAME…                  some parts
python -m benchmarks --python A --python B  on these interpreters, whose environments have racetrace
                                            (and pytest, for `suites`); then a table of the ratios
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from . import (
    control,
    disturbance,
    file,
    memory,
    plugin,
    processes,
    recording,
    server,
    startup,
    suites,
)
from .measure import Bench

PARTS = {
    "recording": recording,
    "server": server,
    "suites": suites,
    "memory": memory,
    "processes": processes,
    "control": control,
    "disturbance": disturbance,
    "startup": startup,
    "file": file,
    "plugin": plugin,
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="NAME", help=", ".join(PARTS))
    parser.add_argument("--python", action="append", metavar="FILE", help="an interpreter")
    options = parser.parse_args()
    if unknown := [name for name in options.parts if name not in PARTS]:
        parser.error(f"no part {unknown[0]}: {', '.join(PARTS)}")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what is compiled is kept, as for a user
    with tempfile.TemporaryDirectory() as folder:
        benches = []
        for number, python in enumerate(options.python or [sys.executable]):
            own = Path(folder, str(number))
            own.mkdir()
            benches.append(Bench(os.path.abspath(python), str(own)))
        for name in options.parts or PARTS:
            for bench in benches:
                print(f"== {name}, {bench.name}")
                PARTS[name].measure(bench)
                print()
    if len(benches) > 1:
        _tabulate(benches)


def _tabulate(benches: list[Bench]) -> None:
    """Print the ratios, a column for each interpreter."""
    labels = dict.fromkeys(label for bench in benches for label in bench.ratios)
    names = [".".join(map(str, bench.version[:2])) for bench in benches]
    print("".join([f"{'times plain':<58}", *(f"{name:>8}" for name in names)]))
    for label in labels:
        found = (bench.ratios.get(label) for bench in benches)
        cells = ("" if ratio is None else f"{ratio:.2f}" for ratio in found)
        print("".join([f"{label:<58}", *(f"{cell:>8}" for cell in cells)]))


if __name__ == "__main__":
    main()
