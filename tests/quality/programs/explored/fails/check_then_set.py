# FAILS: AssertionError
# Both find the key missing, and both make the value.
import threading

cache = {}
made = []


def get(key):
    if key not in cache:
        made.append(key)
        cache[key] = object()
    return cache[key]


threads = [threading.Thread(target=get, args=("k",)) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert made == ["k"], made
