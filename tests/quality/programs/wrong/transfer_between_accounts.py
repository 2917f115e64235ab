# FINDS: lost-update on balance
# Each account's balance is read and stored without a lock.
import threading


class Account:
    def __init__(self, balance):
        self.balance = balance


first, second = Account(100), Account(100)


def transfer(amount):
    first.balance -= amount
    second.balance += amount


threads = [threading.Thread(target=transfer, args=(each,)) for each in (10, 20, 30)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(first.balance + second.balance)
