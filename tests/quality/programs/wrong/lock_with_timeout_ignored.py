# FINDS: lost-update on total
# acquire may fail when its time is over, and nobody looks whether it did.
import threading

lock = threading.Lock()
total = 0


def work():
    global total
    acquired = lock.acquire(timeout=0.001)
    total += 1
    if acquired:
        lock.release()


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(total)
