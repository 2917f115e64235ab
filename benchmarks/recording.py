"""The slowdown of recorded threads, beside other recorders of the same events.

The programs say how much processor time they took: one thread of them runs at a time, so on a quiet
machine that is the time that passed, and on a busy one it changes little.
"""

from __future__ import annotations

import sys

from .measure import HERE, PROGRAMS, python, ratio, recorded


def measure(folder: str) -> None:
    print(f"Processor time of recorded threads, times plain Python {sys.version.split()[0]}")
    recorded("locked counter, trace run", folder, "locked_counter")
    recorded("locked counter, trace run --no-memory", folder, "locked_counter", "--no-memory")
    counter = PROGRAMS / "locked_counter.py"
    wrapper = HERE / "recorders" / "python_wrapper.py"
    ratio("locked counter, a recorder in plain Python", python(wrapper), python(counter))
    if sys.version_info >= (3, 12):
        monitoring = python(HERE / "recorders" / "monitoring.py", str(counter))
        ratio("locked counter, a sys.monitoring recorder", monitoring, python(counter))
    else:
        print("locked counter, a sys.monitoring recorder: needs Python 3.12")
    viztracer = [sys.executable, "-m", "viztracer", "--quiet", "-o", f"{folder}/v.json"]
    ratio("locked counter, viztracer (C calls only)", [*viztracer, str(counter)], python(counter))
    recorded("bare shared counter, trace run", folder, "shared_counter")
    recorded("nothing shared, trace run", folder, "nothing_shared")
