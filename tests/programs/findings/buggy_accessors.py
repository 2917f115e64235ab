"""Each access is under the lock, but getting and setting are two critical sections."""

import threading


class Account:
    def __init__(self):
        self.balance = 0
        self.lock = threading.Lock()

    def get(self):
        with self.lock:
            return self.balance

    def set(self, value):
        with self.lock:
            self.balance = value


account = Account()


def deposit(amount):
    known = account.get()
    account.set(known + amount)


threads = [threading.Thread(target=deposit, args=(amount,)) for amount in (1, 2)]
for t in threads:
    t.start()
for t in threads:
    t.join()
