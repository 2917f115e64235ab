# CLEAN: lru_cache locks itself, and what it keeps is never changed
import functools
import threading

results = []


@functools.lru_cache(maxsize=None)
def square(number):
    return number * number


def work():
    results.append(square(3) + square(4))


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert results == [25, 25, 25]
