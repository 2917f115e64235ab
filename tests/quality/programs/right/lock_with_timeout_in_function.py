# CLEAN: a function or context manager takes the lock or fails
import contextlib
import threading

lock = threading.RLock()
items = []
counts = {"a": 0}


@contextlib.contextmanager
def held(seconds):
    got = lock.acquire(timeout=seconds)
    try:
        if not got:
            raise TimeoutError
        yield
    finally:
        if got:
            lock.release()


@contextlib.contextmanager
def perhaps(seconds):
    got = lock.acquire(timeout=seconds)
    yield got
    if got:
        lock.release()


def take():
    return lock.acquire(timeout=20)


class Guard:
    def __enter__(self):
        self.got = lock.acquire(timeout=20)
        return self.got

    def __exit__(self, *error):
        if self.got:
            lock.release()


def work():
    with held(20):
        counts["a"] += 1
        if len(items) < 6:
            items.append(1)
    with perhaps(20) as got:
        if got:
            counts["a"] += 1
    if take():
        counts["a"] += 1
        lock.release()
    with Guard() as got:
        if got:
            counts["a"] += 1


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert counts["a"] == 12 and len(items) == 3
