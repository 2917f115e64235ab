# CLEAN: what the tasks change lies under the identity of their worker
import concurrent.futures
import threading

counts = {}
names = {}
made = {}


class Buffer:
    def __init__(self):
        self.size = 0


def work(amount):
    me = threading.get_ident()
    counts[me] = counts.get(me, 0) + amount
    name = threading.current_thread().name
    if name not in names:
        names[name] = []
    names[name].append(amount)
    buffer = made.setdefault(threading.get_native_id(), Buffer())
    buffer.size += amount


with concurrent.futures.ThreadPoolExecutor(2) as pool:
    for amount in range(5):
        pool.submit(work, amount)
assert sum(counts.values()) == 10
assert sum(buffer.size for buffer in made.values()) == 10
assert sorted(amount for done in names.values() for amount in done) == [0, 1, 2, 3, 4]
