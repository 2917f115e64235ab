# FINDS: lost-update on total
# Who doesn't get the lock goes on without it.
import threading

lock = threading.Lock()
total = 0


def work():
    global total
    got = lock.acquire(blocking=False)
    total += 1
    if got:
        lock.release()


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(total)
