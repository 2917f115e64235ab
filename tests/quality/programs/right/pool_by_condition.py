# CLEAN: who waits looks again under the lock before it takes one
import threading

changed = threading.Condition()
pool = [{"uses": 0}, {"uses": 0}]


def use():
    with changed:
        while not pool:
            changed.wait()
        taken = pool.pop()
    taken["uses"] += 1
    with changed:
        pool.append(taken)
        changed.notify()


threads = [threading.Thread(target=use) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sum(each["uses"] for each in pool) == 4
