import threading

_lock = threading.Lock()
count = 0


def increase():
    global count
    with _lock:
        count += 1
