"""Two threads wait for each other's end."""

import threading

both = threading.Barrier(2)
threads = {}


def wait_for(other):
    both.wait()
    threads[other].join()


for name, other in (("left", "right"), ("right", "left")):
    threads[name] = threading.Thread(target=wait_for, args=(other,), name=name)
for thread in list(threads.values()):
    thread.start()
for thread in list(threads.values()):
    thread.join()
