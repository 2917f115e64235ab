# FINDS: atomicity-violation on names
# The place that index() told is another's when pop(place) comes.
import threading

names = ["ann", "bob", "cy"]
removed = []


def remove(name):
    place = names.index(name)
    removed.append(names.pop(place))


threads = [threading.Thread(target=remove, args=(each,)) for each in ("ann", "bob")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(removed))
