# FINDS: atomicity-violation on cache
# Both go over a copy of the keys; what one has removed the other can't delete.
import threading

cache = {"a": 1, "b": 2}


def clear():
    for key in list(cache):
        del cache[key]


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=clear) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
