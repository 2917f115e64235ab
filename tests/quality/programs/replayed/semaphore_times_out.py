# REPLAYS: a semaphore that is waited for with a timeout
import threading
import time

semaphore = threading.Semaphore(1)
out = []


def work(k):
    for _ in range(4):
        if semaphore.acquire(timeout=0.002):
            time.sleep(0.001)
            out.append(k)
            semaphore.release()
        else:
            out.append(-k)


threads = [threading.Thread(target=work, args=(k,)) for k in range(1, 5)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(out)
