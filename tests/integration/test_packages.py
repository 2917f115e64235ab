"""Packages that a program brings along, with modules called as those of the standard library."""

from __future__ import annotations

from pathlib import Path

from commandline import run

from tracer import Op


def test_a_package_with_a_queue_of_its_own_has_its_locks_recorded(tmp_path: Path) -> None:
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / "__init__.py").write_text("from jobs.queue import Queue\n")
    (tmp_path / "jobs" / "queue.py").write_text("""
import threading
class Queue:
    def __init__(self):
        self.size = 0
        self.mutex = threading.Lock()
        self.not_empty = threading.Condition(self.mutex)
    def put(self):
        self.not_empty.acquire()
        try:
            self.size += 1
            self.not_empty.notify()
        finally:
            self.not_empty.release()
""")
    (tmp_path / "p.py").write_text("""
import threading
from jobs import Queue
queue = Queue()
def work():
    for _ in range(5):
        queue.put()
threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(queue.size)
""")
    done = run(tmp_path, "p.py")
    assert done.stdout == "10\n"
    assert len(list(done.trace.events.filter(op=Op.ACQUIRE))) == 10
    assert done.trace.findings() == []
