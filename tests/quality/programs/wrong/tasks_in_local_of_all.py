# FINDS: lost-update on count
# Each worker keeps a reference of its own, but they all lead to one object.
import concurrent.futures
import threading

local = threading.local()


class Statistics:
    def __init__(self):
        self.count = 0


statistics = Statistics()


def prepare():
    local.statistics = statistics


def work():
    local.statistics.count += 1


with concurrent.futures.ThreadPoolExecutor(2, initializer=prepare) as pool:
    for _ in range(3):
        pool.submit(work)
print(statistics.count)
