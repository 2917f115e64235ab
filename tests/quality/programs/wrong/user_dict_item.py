# FINDS: lost-update on data, store
# UserDict is Python code around a dict: `+=` reads and stores.
import collections
import threading

store = collections.UserDict(n=0)


def work():
    for _ in range(2):
        store["n"] += 1


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(store["n"])
