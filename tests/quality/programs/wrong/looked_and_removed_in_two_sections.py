# FINDS: atomicity-violation on queue
# The lock is let go between the look and the pop.
import threading

lock = threading.Lock()
queue = ["job"]
failed = []


def work():
    with lock:
        any_left = bool(queue)
    if any_left:
        with lock:
            try:
                queue.pop()
            except IndexError:
                failed.append(1)


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(failed))
