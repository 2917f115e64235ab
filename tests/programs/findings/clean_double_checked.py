"""Double-checked locking done right."""

import threading

lock = threading.Lock()


class S:
    inst = None

    def __init__(self):
        self.v = 1
        self.items = []

    @classmethod
    def get(cls):
        if cls.inst is None:
            with lock:
                if cls.inst is None:
                    cls.inst = cls()
        return cls.inst


def f():
    for _ in range(5):
        s = S.get()
        s.v
        s.items.append(1)


ts = [threading.Thread(target=f) for i in range(4)]
for t in ts:
    t.start()
for t in ts:
    t.join()
