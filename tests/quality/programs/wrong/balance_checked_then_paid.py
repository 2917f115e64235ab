# FINDS: atomicity-violation | lost-update on balance
# Both see enough money for one payment, and both pay.
import threading

balance = 100


def pay(amount):
    global balance
    if balance >= amount:
        balance -= amount


threads = [threading.Thread(target=pay, args=(each,)) for each in (80, 80)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(balance)
