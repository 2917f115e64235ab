# REPLAYS: which thread takes which item of iterators that they share
import itertools
import sys
import threading

sys.setswitchinterval(1e-5)
ids = itertools.count()
new_id = itertools.count(1000).__next__
jobs = iter(list(range(300)))
numbered = enumerate(range(300))
lazily = (n * n for n in range(300))
lock = threading.Lock()
taken = {name: [] for name in "abc"}


def work(name):
    mine = []
    for _ in range(50):
        mine.append((next(ids), new_id()))
    for job in jobs:
        mine.append(job)
    for pair in numbered:
        mine.append(pair)
    while True:
        with lock:
            square = next(lazily, None)
        if square is None:
            break
        mine.append(square)
    taken[name] = mine


threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
for name in "abc":
    print(name, len(taken[name]), hash(tuple(taken[name])))
