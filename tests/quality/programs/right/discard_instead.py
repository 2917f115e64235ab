# CLEAN: discard is one step, whether or not the item is there
import threading

online = {"ann", "bob", "cy"}


def leave(name):
    online.discard(name)


threads = [threading.Thread(target=leave, args=(each,)) for each in ("ann", "ann", "bob")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert online == {"cy"}
