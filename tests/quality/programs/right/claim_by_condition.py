# CLEAN: the owner is looked at and set under one lock, and only the owner gives it back
import threading

changed = threading.Condition()
owner = None
count = 0


def use(name):
    global owner, count
    with changed:
        while owner is not None:
            changed.wait()
        owner = name
    count += 1
    with changed:
        owner = None
        changed.notify()


threads = [threading.Thread(target=use, args=(each,)) for each in ("ann", "bob", "cy")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert count == 3
