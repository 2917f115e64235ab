"""The slowdown of recorded threads, beside other recorders of the same events.

The programs say how much processor time they took: one thread of them runs at a time, so on a quiet
machine that is the time that passed, and on a busy one it changes little.
"""

from __future__ import annotations

from .measure import HERE, PROGRAMS, Bench


def measure(bench: Bench) -> None:
    print("Processor time of recorded threads, times plain Python")
    bench.recorded("locked counter, trace run", "locked_counter")
    bench.recorded("locked counter, trace run --no-memory", "locked_counter", "--no-memory")
    counter = PROGRAMS / "locked_counter.py"
    wrapper = HERE / "recorders" / "python_wrapper.py"
    bench.ratio(
        "locked counter, a recorder in plain Python", bench.plain(wrapper), bench.plain(counter)
    )
    if bench.version >= (3, 12):
        monitoring = bench.plain(HERE / "recorders" / "monitoring.py", str(counter))
        bench.ratio("locked counter, a sys.monitoring recorder", monitoring, bench.plain(counter))
    else:
        print("locked counter, a sys.monitoring recorder: needs Python 3.12")
    if bench.has("viztracer"):
        viztracer = [bench.python, "-m", "viztracer", "--quiet", "-o", f"{bench.folder}/v.json"]
        command = [*viztracer, str(counter)]
        bench.ratio("locked counter, viztracer (C calls only)", command, bench.plain(counter))
    else:
        print("locked counter, viztracer: not in this environment")
    bench.recorded("bare shared counter, trace run", "shared_counter")
    bench.recorded("nothing shared, trace run", "nothing_shared")
