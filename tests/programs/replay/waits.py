import threading, time
event, cond, sem = threading.Event(), threading.Condition(), threading.Semaphore(2)
plain = threading.Condition(threading.Lock())
barrier = threading.Barrier(3)
log = []
def work(n):
    for i in range(15):
        if event.wait(0.0003): log.append((n, "set"))
        if n == 0: event.set()
        if n == 1: event.clear()
        log.append(event.is_set())
        for c in (cond, plain):
            with c:
                log.append(c.wait(0.0003)) if n % 2 else c.notify(1)
        if sem.acquire(timeout=0.0002):
            time.sleep(0.0001); log.append((n, "in")); sem.release()
        if sem.acquire(blocking=False):
            sem.release()
        else:
            log.append((n, "out"))
        try:
            barrier.wait(0.0005)
        except threading.BrokenBarrierError:
            log.append((n, "broken"))
            if n == 2: barrier.reset()
threads = [threading.Thread(target=work, args=(n,)) for n in range(5)]
for t in threads: t.start()
while threading.active_count() > 1: pass
print(hash(str(log)), len(log))
