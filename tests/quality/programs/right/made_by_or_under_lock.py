# CLEAN: who makes what is missing, by `or`, by a conditional or after a KeyError, holds the lock
import threading

lock = threading.Lock()
handlers = None
table = None
groups = {}


def add(handler):
    global handlers, table
    with lock:
        handlers = handlers or []
        handlers.append(handler)
        table = {} if table is None else table
        table[handler] = True
        try:
            group = groups["all"]
        except KeyError:
            group = groups["all"] = []
        group.append(handler)


threads = [threading.Thread(target=add, args=(each,)) for each in (1, 2, 3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(handlers) == sorted(table) == sorted(groups["all"]) == [1, 2, 3]
