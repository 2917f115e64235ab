# CLEAN: set on an event that is set does nothing, and nothing else rests on the look
import threading

closed = threading.Event()


def close():
    if not closed.is_set():
        closed.set()


threads = [threading.Thread(target=close) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert closed.is_set()
