# CLEAN: a semaphore made of a Condition counts under its lock
import threading


class Permits:
    def __init__(self, free):
        self.free = free
        self.changed = threading.Condition()

    def take(self):
        with self.changed:
            while self.free == 0:
                self.changed.wait()
            self.free -= 1

    def give(self):
        with self.changed:
            self.free += 1
            self.changed.notify()


permits = Permits(1)
total = 0


def work():
    global total
    permits.take()
    total += 1
    permits.give()


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert total == 3
