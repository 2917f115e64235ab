# CLEAN: the generator holds the lock while the body runs
import contextlib
import threading

lock = threading.Lock()
table = {"n": 0}


@contextlib.contextmanager
def opened():
    with lock:
        yield table


def work():
    with opened() as mine:
        mine["n"] += 1


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert table["n"] == 3
