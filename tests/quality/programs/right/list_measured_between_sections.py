# CLEAN: only how many there are goes on; what they are does not
import threading

lock = threading.Lock()
level = 7
sizes = []


def measure(amount):
    seen = []
    with lock:
        seen.append(level)
    seen.append(amount)
    with lock:
        sizes.append(len(seen))


threads = [threading.Thread(target=measure, args=(each,)) for each in (1, 2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sizes == [2, 2]
