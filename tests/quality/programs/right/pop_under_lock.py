# CLEAN: the look and the pop are under one lock
import threading

lock = threading.Lock()
jobs = [1, 2, 3]
done = []


def work():
    while True:
        with lock:
            if not jobs:
                return
            job = jobs.pop()
        done.append(job)


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(done) == [1, 2, 3]
