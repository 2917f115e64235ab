# FINDS: atomicity-violation on cache
# Both go over a copy of the keys; what one has removed the other can't delete.
import threading

cache = {"a": 1, "b": 2}
failed = []


def clear():
    for key in list(cache):
        try:
            del cache[key]
        except KeyError:
            failed.append(key)


threads = [threading.Thread(target=clear) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(failed)
