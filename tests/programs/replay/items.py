import queue, threading, time
q, s = queue.Queue(2), queue.SimpleQueue()
log = []
def work(n):
    for i in range(20):
        try:
            q.put((n, i), timeout=0.0005) if i % 2 else q.put_nowait((n, i))
        except queue.Full:
            log.append((n, "full"))
        s.put((n, i))
        try:
            log.append(q.get(timeout=0.0005) if i % 3 else q.get_nowait())
        except queue.Empty:
            log.append((n, "empty"))
        try:
            log.append(s.get_nowait())
            log.append(s.get_nowait())
        except queue.Empty:
            log.append((n, "none"))
threads = [threading.Thread(target=work, args=(n,)) for n in range(5)]
for t in threads: t.start()
for t in threads: t.join()
print(hash(str(log)), len(log), s.qsize(), q.qsize())
