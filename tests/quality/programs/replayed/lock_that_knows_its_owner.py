# REPLAYS: a lock of the program's own that compares idents of threads
import threading


class Reentrant:
    def __init__(self):
        self.lock, self.owner, self.depth = threading.Lock(), None, 0

    def __enter__(self):
        if self.owner != threading.get_ident():
            self.lock.acquire()
            self.owner = threading.get_ident()
        self.depth += 1

    def __exit__(self, *failure):
        self.depth -= 1
        if self.depth == 0:
            self.owner = None
            self.lock.release()


count, lock = 0, Reentrant()


def work():
    global count
    for _ in range(10):
        with lock, lock:
            count += 1


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(count)
