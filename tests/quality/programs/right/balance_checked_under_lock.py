# CLEAN: the look and the payment are under one lock
import threading

lock = threading.Lock()
balance = 100
refused = []


def pay(amount):
    global balance
    with lock:
        if balance < amount:
            refused.append(amount)
            return
        balance -= amount


threads = [threading.Thread(target=pay, args=(each,)) for each in (80, 80)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert balance == 20 and refused == [80]
