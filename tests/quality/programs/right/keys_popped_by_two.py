# CLEAN: both go over copies of the keys, and pop with a default tells who got it
import threading

cache = {"a": 1, "b": 2, "c": 3}
got = []


def clear():
    for key in list(cache):
        value = cache.pop(key, None)
        if value is not None:
            got.append(value)


threads = [threading.Thread(target=clear) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(got) == [1, 2, 3] and not cache
