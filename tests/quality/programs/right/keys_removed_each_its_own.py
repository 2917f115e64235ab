# CLEAN: each removes what is its own
import threading

cache = {("ann", 1): 1, ("ann", 2): 2, ("bob", 1): 3}


def clear(name):
    for key in list(cache):
        if key[0] == name:
            del cache[key]


threads = [threading.Thread(target=clear, args=(each,)) for each in ("ann", "bob")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert not cache
