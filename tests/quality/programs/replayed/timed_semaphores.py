import threading
import time

sem = threading.Semaphore(1)
out = []


def use(k):
    for i in range(12):
        got = sem.acquire(timeout=(0.0003, 0.0001, 0, 1e-7)[i % 4])
        out.append((k, got))
        if got:
            time.sleep(0.0001)
            sem.release()


threads = [threading.Thread(target=use, args=(k,)) for k in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(out)
