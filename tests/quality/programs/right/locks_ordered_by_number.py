# CLEAN: whoever transfers takes the lock of the smaller number first
import threading


class Account:
    def __init__(self, number):
        self.number = number
        self.balance = 100
        self.lock = threading.Lock()


accounts = [Account(0), Account(1)]


def transfer(source, target, amount):
    low, high = sorted((source, target), key=lambda account: account.number)
    with low.lock, high.lock:
        source.balance -= amount
        target.balance += amount


threads = [
    threading.Thread(target=function)
    for function in (lambda: transfer(*accounts, 30), lambda: transfer(*accounts[::-1], 50))
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert [account.balance for account in accounts] == [120, 80]
