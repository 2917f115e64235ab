# REPLAYS: a lock that is taken with a timeout, or at once or not at all
import threading
import time

lock = threading.Lock()
out = []


def work(k):
    for _ in range(5):
        if lock.acquire(timeout=0.001) if k % 2 else lock.acquire(blocking=False):
            time.sleep(0.001)
            out.append(k)
            lock.release()
        else:
            out.append(-k)
            time.sleep(0.0005)


threads = [threading.Thread(target=work, args=(k,)) for k in range(1, 4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(out)
