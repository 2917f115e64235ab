"""Prints every figure that the README claims, as ratios of one run.

make bench                  all of it
python -m benchmarks NAME   one part: recording, processes, control, disturbance, startup, file,
                            suites
"""

from __future__ import annotations

import sys
import tempfile

from . import control, disturbance, file, processes, recording, startup, suites

PARTS = {
    "recording": recording,
    "processes": processes,
    "control": control,
    "disturbance": disturbance,
    "startup": startup,
    "file": file,
    "suites": suites,
}


def main() -> None:
    chosen = sys.argv[1:] or list(PARTS)
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen:
            PARTS[name].measure(folder)
            print()


if __name__ == "__main__":
    main()
