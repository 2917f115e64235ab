# CLEAN: next() of a list's iterator is one step, and nobody changes the list
import threading

jobs = iter(["a", "b", "c", "d"])
done = []


def work():
    for job in jobs:
        done.append(job)


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(done) == ["a", "b", "c", "d"]
