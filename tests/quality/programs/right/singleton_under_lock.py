# CLEAN: the class's lock is held from the look to the store
import threading


class Registry:
    _only = None
    _lock = threading.Lock()

    def __new__(cls):
        with cls._lock:
            if cls._only is None:
                cls._only = super().__new__(cls)
        return cls._only


got = []


def work():
    got.append(Registry())


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(set(map(id, got))) == 1
