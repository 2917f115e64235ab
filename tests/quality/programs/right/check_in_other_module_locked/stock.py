import threading

goods = {"tea": 1}
_lock = threading.Lock()


def has(name):
    return name in goods


def take(name):
    with _lock:
        if not has(name):
            return None
        return goods.pop(name)
