# FAILS: AssertionError
# The one instance is made twice.
import threading


class Config:
    one = None
    made = 0

    @classmethod
    def get(cls):
        if cls.one is None:
            cls.made += 1
            cls.one = cls()
        return cls.one


got = []
threads = [threading.Thread(target=lambda: got.append(Config.get())) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert got[0] is got[1]
