"""A cache whose values are made outside the lock, each by the one thread that claimed its key."""

import threading


class Cache:
    def __init__(self):
        self.values = {}
        self.pending = {}
        self.lock = threading.Lock()

    def _known(self, key):
        return self.values.get(key)

    def _keep(self, key, value):
        self.values[key] = value

    def get(self, key):
        with self.lock:
            value = self._known(key)
            if value is not None:
                return value
            ready = self.pending.get(key)
            mine = ready is None
            if mine:
                ready = self.pending[key] = threading.Event()
        if mine:
            value = key * 2
            with self.lock:
                self._keep(key, value)
                del self.pending[key]
            ready.set()
            return value
        ready.wait()
        with self.lock:
            return self._known(key)


cache = Cache()
busy = set()
done = {}


def work(key):
    cache.get(key)
    with cache.lock:
        if key in busy or key in done:
            return
        busy.add(key)
    square = key * key
    with cache.lock:
        done[key] = square
        busy.discard(key)


threads = [threading.Thread(target=work, args=(key,)) for key in (1, 2, 1, 2)]
for t in threads:
    t.start()
for t in threads:
    t.join()
