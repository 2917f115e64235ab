# CLEAN: the whole list is taken and replaced under one lock
import threading

lock = threading.Lock()
backlog = [1, 2, 3, 4]
sent = []


def send():
    global backlog
    with lock:
        batch, backlog = backlog, []
    sent.extend(batch)


threads = [threading.Thread(target=send) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sent == [1, 2, 3, 4]
