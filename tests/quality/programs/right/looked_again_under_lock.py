# CLEAN: the look without the lock only saves time; it is repeated under the lock
import threading

lock = threading.Lock()
jobs = ["only"]
done = []


def work():
    if not jobs:
        return
    with lock:
        if jobs:
            done.append(jobs.pop())


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert done == ["only"]
