"""Transfers between accounts that each have a lock, taken in one order."""

import random
import threading


class Account:
    def __init__(self, number):
        self.number = number
        self.balance = 100
        self.lock = threading.Lock()


accounts = [Account(i) for i in range(3)]


def transfer(a, b, amount):
    first, second = (a, b) if a.number < b.number else (b, a)
    with first.lock, second.lock:
        if a.balance >= amount:
            a.balance -= amount
            b.balance += amount


def f():
    for _ in range(20):
        a, b = random.sample(accounts, 2)
        transfer(a, b, 7)


ts = [threading.Thread(target=f) for _ in range(3)]
for t in ts:
    t.start()
for t in ts:
    t.join()
print(sum(a.balance for a in accounts))
