# CLEAN: each worker of the pool has a connection of its own, which its tasks use
import concurrent.futures
import threading

local = threading.local()
start = threading.Barrier(2)


class Connection:
    def __init__(self):
        self.uses = 0
        self.log = []


def prepare():
    local.connection = Connection()
    local.counts = {}


def work(name):
    connection = local.connection
    connection.uses += 1
    if name not in connection.log:
        connection.log.append(name)
    local.counts[name] = local.counts.get(name, 0) + 1
    if not hasattr(local, "late"):
        local.late = Connection()
    local.late.uses += 1
    return local.late.uses


with concurrent.futures.ThreadPoolExecutor(2, initializer=prepare) as pool:
    uses = list(pool.map(work, "abcabcabc"))
assert 5 <= max(uses) <= 9
