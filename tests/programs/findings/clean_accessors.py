"""Getting and setting under one outer lock; and a value that is set without regard to the old."""

import threading


class Account:
    def __init__(self):
        self.balance = 0
        self.lock = threading.RLock()

    def get(self):
        with self.lock:
            return self.balance

    def put(self, value):
        with self.lock:
            self.balance = value


class Gauge:
    def __init__(self):
        self.level = 0
        self.lock = threading.Lock()

    def read(self):
        with self.lock:
            return self.level

    def show(self, level):
        with self.lock:
            self.level = level


account = Account()
gauge = Gauge()


def deposit(amount):
    with account.lock:
        account.put(account.get() + amount)


def measure(amount):
    before = gauge.read()
    gauge.show(amount)
    return before


def work(amount):
    deposit(amount)
    measure(amount)
    gauge.show(level=7)


threads = [threading.Thread(target=work, args=(amount,)) for amount in (1, 2)]
for t in threads:
    t.start()
for t in threads:
    t.join()
