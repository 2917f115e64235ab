# FINDS: lost-update on value
# `change` reads, calls back, and stores; the lock is held for each step only.
import threading


class Cell:
    def __init__(self):
        self.value = 0
        self.lock = threading.Lock()

    def get(self):
        with self.lock:
            return self.value

    def set(self, value):
        with self.lock:
            self.value = value

    def change(self, function):
        self.set(function(self.get()))


cell = Cell()


def work():
    cell.change(lambda old: old + 1)


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(cell.value)
