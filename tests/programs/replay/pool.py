import concurrent.futures as cf, threading, time
log = []
def task(n):
    log.append((n, threading.current_thread().name))
    for _ in range(n * 37 % 400): pass
    if n % 5 == 0: time.sleep(0.0002)
    return n * n
with cf.ThreadPoolExecutor(6) as pool:
    fs = [pool.submit(task, n) for n in range(60)]
    log.append(sum(f.done() for f in fs))
    for f in cf.as_completed(fs[:20]): log.append(f.result())
    done, rest = cf.wait(fs, timeout=0.001)
    log.append((len(done), len(rest)))
    total = sum(f.result() for f in fs)
print(total, hash(str(log)))
