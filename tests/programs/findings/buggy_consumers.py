"""Two consumers see the one item that is left; the second waits forever."""

import queue
import threading

q = queue.Queue()
q.put("bun")
asked = threading.Barrier(2)


def consume():
    while q.qsize() > 0:
        asked.wait()
        q.get()


for _ in range(2):
    threading.Thread(target=consume, daemon=True).start()
while not q.not_empty._waiters:
    pass
