# CLEAN: each thread has the key that is its own name, and no two are called the same
import threading

counts = {}


def work():
    me = threading.current_thread().name
    counts[me] = counts.get(me, 0) + 1
    counts[me] = counts.get(me, 0) + 1


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert list(counts.values()) == [2, 2, 2]
