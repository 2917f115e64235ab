# CLEAN: who finds the key in `busy` under the lock stays away from it
import threading

lock = threading.Lock()
busy = set()
visits = {}


def visit(key):
    with lock:
        if key in busy:
            return
        busy.add(key)
    visits[key] = visits.get(key, 0) + 1
    with lock:
        busy.discard(key)


threads = [threading.Thread(target=visit, args=(each,)) for each in "aab"]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert set(visits) == {"a", "b"}
