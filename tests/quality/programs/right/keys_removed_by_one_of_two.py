# CLEAN: only one of them removes; the other looks
import threading

cache = {"a": 1, "b": 2}
seen = []


def visit(clear):
    for key in list(cache):
        if clear:
            del cache[key]
        else:
            seen.append(key)


threads = [threading.Thread(target=visit, args=(each,)) for each in (True, False)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert not cache
