# CLEAN: next() of itertools.count is one step
import itertools
import threading

numbers = itertools.count()
taken = []


def take():
    for _ in range(2):
        taken.append(next(numbers))


threads = [threading.Thread(target=take) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(taken) == [0, 1, 2, 3, 4, 5]
