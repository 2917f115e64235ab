# CLEAN: the try-lock asks and acts at once; locked() before it only saves the try
import threading

lock = threading.Lock()
runs = []


def work():
    if lock.locked() or not lock.acquire(blocking=False):
        return
    try:
        runs.append(1)
    finally:
        lock.release()


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert runs
