# CLEAN: only one thread changes it; the others take snapshots of a number that only grows
import threading

progress = 0
lock = threading.Lock()
seen = []


def write():
    global progress
    for _ in range(4):
        with lock:
            progress += 1


def read():
    last = progress
    with lock:
        seen.append(last <= progress)


threads = [threading.Thread(target=function) for function in (write, read, read)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert progress == 4 and all(seen)
