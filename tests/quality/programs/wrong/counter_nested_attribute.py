# FINDS: lost-update on total
# Both read the same number, and both store the sum with their own.
import threading


class Ledger:
    def __init__(self):
        self.total = 0


class Bank:
    def __init__(self):
        self.ledger = Ledger()


bank = Bank()


def deposit(amount):
    bank.ledger.total += amount


threads = [threading.Thread(target=deposit, args=(each,)) for each in (1, 10, 100)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(bank.ledger.total)
