# CLEAN: wait_for looks again each time, and the pop is under the same lock
import threading

jobs = []
changed = threading.Condition()
done = []


def work():
    with changed:
        changed.wait_for(lambda: len(jobs) > 0)
        done.append(jobs.pop(0))


def give(number):
    with changed:
        jobs.append(number)
        changed.notify()


threads = [threading.Thread(target=work) for _ in range(2)]
threads += [threading.Thread(target=give, args=(number,)) for number in (1, 2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(done) == [1, 2]
