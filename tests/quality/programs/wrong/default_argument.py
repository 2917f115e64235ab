# FINDS: atomicity-violation on seen, list
# The default list is one for all calls.
import threading

doubled = []


def note(item, seen=[]):
    if item in seen:
        doubled.append(item)
        return
    seen.append(item)


threads = [threading.Thread(target=note, args=(each,)) for each in ("a", "a")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(doubled)
