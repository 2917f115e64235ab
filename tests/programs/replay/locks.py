import threading, time
lock, rlock = threading.Lock(), threading.RLock()
log = []
def work(n):
    for i in range(20):
        if lock.acquire(timeout=0.0004):
            log.append((n, "got"))
            time.sleep(0.0003)
            lock.release()
        else:
            log.append((n, "late"))
        if rlock.acquire(blocking=False):
            for _ in range(50): pass
            rlock.release()
        else:
            log.append((n, "busy"))
        with lock:
            log.append(n)
threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
for t in threads: t.start()
for t in threads: t.join(0.01)
for t in threads: print(t.is_alive())
for t in threads: t.join()
print(hash(tuple(log)), sum(1 for e in log if isinstance(e, tuple) and e[1] == "late"))
