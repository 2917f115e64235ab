# CLEAN: who doesn't get the lock tries again
import threading
import time

lock = threading.Lock()
total = 0


def work():
    global total
    while not lock.acquire(blocking=False):
        time.sleep(0.001)
    total += 1
    lock.release()


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert total == 3
