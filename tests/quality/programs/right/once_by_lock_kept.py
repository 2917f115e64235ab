# CLEAN: the lock that decides who begins is never released
import threading

first = threading.Lock()
value = 0


def begin():
    global value
    if not first.acquire(blocking=False):
        return
    value += 1


threads = [threading.Thread(target=begin) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert value == 1
