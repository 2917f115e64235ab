"""Each worker takes the total along in an object of its own, between two critical sections."""

import threading

lock = threading.Lock()


class Account:
    def __init__(self):
        self.total = 0


class Visit:
    def __init__(self):
        self.seen = None

    def look(self):
        with lock:
            self.seen = account.total

    def earn(self, amount):
        self.seen += amount

    def leave(self):
        with lock:
            account.total = self.seen


account = Account()


def work():
    visit = Visit()
    visit.look()
    visit.earn(1)
    visit.leave()


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(account.total)
