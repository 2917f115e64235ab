# FINDS: atomicity-violation on backlog
# Both take the same batch, and two batches are deleted.
import threading

backlog = [1, 2, 3, 4]
sent = []


def send():
    batch = backlog[:2]
    sent.extend(batch)
    del backlog[:2]


threads = [threading.Thread(target=send) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(sent), backlog)
