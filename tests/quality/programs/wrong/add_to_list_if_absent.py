# FINDS: atomicity-violation on names
# Both find the name missing, and it is in the list twice.
import threading

names = []


def register(name):
    if name not in names:
        names.append(name)


threads = [threading.Thread(target=register, args=(each,)) for each in ("ann", "ann", "bob")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(names)
