# CLEAN: who doesn't get the lock in time changes nothing
import threading

lock = threading.Lock()
done = {"yes": 0}
skipped = []


def work():
    if lock.acquire(timeout=0.01):
        try:
            done["yes"] += 1
        finally:
            lock.release()
    else:
        skipped.append(1)


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert done["yes"] + len(skipped) == 2
