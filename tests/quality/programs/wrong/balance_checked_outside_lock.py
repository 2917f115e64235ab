# FINDS: atomicity-violation on balance
# The look is without the lock; the payment is under it, but not looked at again.
import threading

lock = threading.Lock()
balance = 100


def pay(amount):
    global balance
    if balance >= amount:
        with lock:
            balance -= amount


threads = [threading.Thread(target=pay, args=(each,)) for each in (80, 80)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(balance)
