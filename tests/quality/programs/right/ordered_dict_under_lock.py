# CLEAN: the oldest is dropped under the lock that guards the adding
import collections
import threading

lock = threading.Lock()
recent = collections.OrderedDict()


def use(name):
    with lock:
        recent[name] = recent.get(name, 0) + 1
        recent.move_to_end(name)
        if len(recent) > 2:
            recent.popitem(last=False)


threads = [threading.Thread(target=use, args=(each,)) for each in "abca"]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(recent) == 2
