# CLEAN: the writer waits until no reader is in, and readers wait for the writer
import threading

changed = threading.Condition()
readers = 0
data = {"a": 0, "b": 0}
seen = []


def read():
    global readers
    with changed:
        readers += 1
    seen.append(data["a"] == data["b"])
    with changed:
        readers -= 1
        if readers == 0:
            changed.notify_all()


def write():
    with changed:
        while readers > 0:
            changed.wait()
        data["a"] += 1
        data["b"] += 1


threads = [threading.Thread(target=function) for function in (read, write, read, write)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert all(seen) and data["a"] == 2
