# CLEAN: each thread has the key that is its own identity
import threading

counts = {}
start = threading.Barrier(3)


def work():
    me = threading.get_ident()
    start.wait()
    counts[me] = 0
    for _ in range(2):
        counts[me] += 1
    start.wait()


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert list(counts.values()) == [2, 2, 2]
