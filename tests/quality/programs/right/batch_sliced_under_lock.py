# CLEAN: the batch is looked at and taken off under the lock
import threading

lock = threading.Lock()
backlog = [1, 2, 3, 4]
sent = []


def send():
    with lock:
        batch = backlog[:2]
        del backlog[:2]
    sent.extend(batch)


threads = [threading.Thread(target=send) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(sent) == [1, 2, 3, 4]
