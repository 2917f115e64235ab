import threading

_lock = threading.Lock()
_total = 0


def load():
    with _lock:
        return _total


def save(value):
    global _total
    with _lock:
        _total = value
