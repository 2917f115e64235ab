# CLEAN: append is one step, by whichever name
import threading

names = []
add = names.append


def register(name):
    add(name)


threads = [threading.Thread(target=register, args=(each,)) for each in ("ann", "bob", "cy")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(names) == ["ann", "bob", "cy"]
