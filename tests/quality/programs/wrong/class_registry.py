# FINDS: atomicity-violation on instances
# Both find no instance of the class, and both make one.
import threading


class Service:
    instances = {}

    @classmethod
    def get(cls):
        if cls not in cls.instances:
            cls.instances[cls] = cls()
        return cls.instances[cls]


got = []


def work():
    got.append(Service.get())


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(set(map(id, got))))
