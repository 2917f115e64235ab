# FINDS: atomicity-violation | data-race on values
# Both see that it is full, and both throw the oldest out: one too many, or KeyError.
import threading


class Cache:
    def __init__(self):
        self.values = {"a": 1, "b": 2}

    def put(self, key, value):
        if len(self.values) >= 2:
            oldest = next(iter(self.values))
            del self.values[oldest]
        self.values[key] = value


cache = Cache()


def work(key):
    cache.put(key, 0)


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=work, args=(each,)) for each in "cd"]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(cache.values))
