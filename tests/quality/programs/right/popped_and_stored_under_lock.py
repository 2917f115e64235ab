# CLEAN: it is taken out and put back in one critical section
import threading

lock = threading.Lock()
levels = {"ann": 5}


def level_up():
    with lock:
        level = levels.pop("ann", 0)
        levels["ann"] = level + 1


threads = [threading.Thread(target=level_up) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert levels == {"ann": 8}
