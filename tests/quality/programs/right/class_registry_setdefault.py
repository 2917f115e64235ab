# CLEAN: two instances may be made, but setdefault gives one of them to all
import threading


class Service:
    instances = {}

    @classmethod
    def get(cls):
        found = cls.instances.get(cls)
        if found is None:
            found = cls.instances.setdefault(cls, cls())
        return found


got = []


def work():
    got.append(Service.get())


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(set(map(id, got))) == 1
