# FINDS: atomicity-violation on closed
# is_set and set are two steps: both find it unset, and both close.
import threading

closed = threading.Event()
closings = []


def close():
    if not closed.is_set():
        closed.set()
        closings.append(1)


threads = [threading.Thread(target=close) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(closings))
