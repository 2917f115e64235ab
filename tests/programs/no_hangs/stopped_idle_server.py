"""Idle workers, and a main thread that only waits for Ctrl-C, which it catches."""

import queue
import threading

jobs = queue.Queue()


def work():
    while True:
        jobs.get()
        jobs.task_done()


for _ in range(2):
    threading.Thread(target=work, daemon=True).start()
jobs.put("first")
jobs.join()
try:
    threading.Event().wait()
except KeyboardInterrupt:
    print("bye")
