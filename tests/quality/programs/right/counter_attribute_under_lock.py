# CLEAN: each instance has its lock, and only its own number is changed under it
import threading


class Page:
    def __init__(self):
        self.visits = 0
        self.lock = threading.Lock()

    def visit(self):
        with self.lock:
            self.visits += 1


page = Page()
other = Page()


def work():
    for _ in range(2):
        page.visit()
        other.visit()


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert page.visits == other.visits == 4
