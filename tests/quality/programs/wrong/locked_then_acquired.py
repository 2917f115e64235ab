# FINDS: atomicity-violation on lock
# Both see the lock free; the second one waits, though it was not to wait.
import threading

lock = threading.Lock()
skipped = []


def try_work():
    if lock.locked():
        skipped.append(1)
        return
    with lock:
        pass


threads = [threading.Thread(target=try_work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(skipped))
