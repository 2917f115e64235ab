# FINDS: atomicity-violation on _only
# Both find no instance, and both make one.
import threading


class Registry:
    _only = None

    def __new__(cls):
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
print(len(set(map(id, got))))
