# FINDS: lost-update on n, current
# What is changed after it was published is changed by both.
import threading


class Cell:
    def __init__(self):
        self.n = 0


lock = threading.Lock()
current = None


def publish():
    global current
    cell = Cell()
    with lock:
        current = cell
    cell.n += 1


def use():
    with lock:
        cell = current
    if cell is not None:
        cell.n += 10


publisher = threading.Thread(target=publish)
publisher.start()
while True:
    with lock:
        if current is not None:
            break
use()
publisher.join()
print(current.n)
