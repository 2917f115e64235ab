# FINDS: lost-update on total
# The number under the lock is only counted, and keeps nobody out.
import threading

lock = threading.Lock()
active = 0
total = 0


def work():
    global active, total
    with lock:
        active += 1
    total += 1
    with lock:
        active -= 1


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(total, active)
