"""Where objects are made and events happen: in the program's own lines, however hot they are.

In a hot loop the interpreter puts a frame of its own between a class's `__init__` and the code that
calls the class (3.12 and later).
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from commandline import run
from test_processes import METHODS, recorded_source

from tracer import Op

HOT = """
import queue, threading
class Owner:
    def __init__(self):
        self.event = threading.Event()  # made
        self.lock = threading.Lock()  # made
        with self.lock:
            self.event.set()  # set
class Child(Owner):
    def __init__(self):
        super().__init__()
        self.queue = queue.Queue()  # made
        self.queue.put(1)  # put
def work():
    for _ in range(50):
        event = threading.Event()  # made
        lock = threading.Lock()  # made
        condition = threading.Condition(lock)  # made
        queued = queue.Queue()  # made
        semaphore = threading.Semaphore()  # made
        barrier = threading.Barrier(1)  # made
        event.set()  # set
        queued.put(1)  # put
        Owner()
        Child()
thread = threading.Thread(target=work)
thread.start()
thread.join()
"""


def lines(word: str) -> dict[tuple[str, int], int]:
    """The lines of the program with this comment, and how often each runs."""
    owners = HOT.index("class Owner"), HOT.index("class Child")
    twice = range(*(HOT[:place].count("\n") + 1 for place in owners))
    marked = [n for n, line in enumerate(HOT.splitlines(), 1) if line.endswith(f"# {word}")]
    return {("p.py", n): 100 if n in twice else 50 for n in marked}


def test_what_a_hot_loop_makes_has_its_line(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(HOT)
    done = run(tmp_path, "p.py")
    assert done.status == 0
    trace = done.trace
    kinds = {"Event", "Lock", "Condition", "Queue", "Semaphore", "Barrier"}
    made = Counter(
        (Path(o.site.file).name, o.site.line) for o in trace.objects if o.site and o.kind in kinds
    )
    assert made == lines("made")
    for op, word in ((Op.SET, "set"), (Op.PUT, "put")):
        sites = [event.site for event in trace.events.filter(op=op)]
        assert Counter((Path(s.file).name, s.line) for s in sites if s) == lines(word)


TASKS = """
from concurrent.futures import ProcessPoolExecutor
def square(n): return n * n
if __name__ == "__main__":
    for _ in range(3):
        with context.Pool(1) as pool:
            pool.map(square, range(20), chunksize=1)
    with ProcessPoolExecutor(1, context) as executor:
        list(executor.map(square, range(20)))
"""


@pytest.mark.parametrize("method", METHODS)
def test_what_workers_do_has_a_line_of_the_program(tmp_path: Path, method: str) -> None:
    trace = recorded_source(tmp_path, TASKS, method).trace
    runs = [event for event in trace.events if event.op in (Op.RUN, Op.FINISH)]
    assert len(runs) == 160
    # A worker that is forked has the frames of the code that has made it.
    sites = [event.site for event in runs if event.site]
    assert {Path(site.file).name for site in sites} <= {"p.py"}
    assert method != "fork" or sites
