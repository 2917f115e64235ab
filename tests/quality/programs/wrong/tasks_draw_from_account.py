# FINDS: lost-update | atomicity-violation on balance
# Each task reads the balance of an account that was made before, and writes it later.
import concurrent.futures


class Account:
    def __init__(self):
        self.balance = 10

    def draw(self, amount):
        if self.balance >= amount:
            left = self.balance - amount
            self.balance = left
            return amount
        return 0


def draw(account, amount):
    return account.draw(amount)


account = Account()
with concurrent.futures.ThreadPoolExecutor() as pool:
    futures = [pool.submit(draw, account, 8) for _ in range(2)]
print(sum(future.result() for future in futures), account.balance)
