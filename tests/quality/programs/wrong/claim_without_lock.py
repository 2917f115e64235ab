# FINDS: atomicity-violation on busy
# Both find the key free, and both work on it.
import threading

busy = set()
visits = {"a": 0}


def visit(key):
    if key in busy:
        return
    busy.add(key)
    visits[key] += 1
    busy.discard(key)


threads = [threading.Thread(target=visit, args=(each,)) for each in "aa"]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(visits)
