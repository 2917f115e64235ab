"""The locked counter recorded by wrappers in plain Python: the same events, kept in a list."""

import itertools
import threading
import time

events = []
seq = itertools.count(1)


def record(op, target, value=None):
    events.append((next(seq), time.monotonic_ns(), threading.get_ident(), op, target, value))
    return value


class RecordedLock:
    def __init__(self):
        self._lock = threading.Lock()

    def __enter__(self):
        self._lock.acquire()
        record("acquire", self)

    def __exit__(self, *exc):
        record("release", self)
        self._lock.release()


num = 0


class Counter:
    def __init__(self):
        self.v = 0


c = Counter()
lock = RecordedLock()


def work():
    global num
    for _ in range(100_000):
        with lock:
            num = record("read", "num", num) + 1
            record("write", "num", num)
            c.v = record("read", "c.v", c.v) + 1
            record("write", "c.v", c.v)


start = time.process_time()
threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(time.process_time() - start, time.monotonic())
