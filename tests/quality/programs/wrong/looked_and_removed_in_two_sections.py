# FINDS: atomicity-violation on queue
# The lock is let go between the look and the pop.
import threading

lock = threading.Lock()
queue = ["job"]


def work():
    with lock:
        any_left = bool(queue)
    if any_left:
        with lock:
            queue.pop()


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
