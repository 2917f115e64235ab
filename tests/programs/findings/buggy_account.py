"""The balance is checked, and by the time of the withdrawal it has changed."""

import threading

checked = threading.Barrier(3)


class Account:
    def __init__(self):
        self.balance = 100

    def withdraw(self, amount):
        if self.balance >= amount:
            checked.wait()
            self.balance -= amount


account = Account()
ts = [threading.Thread(target=account.withdraw, args=(60,)) for i in range(3)]
for t in ts:
    t.start()
for t in ts:
    t.join()
