# FINDS: lost-update on price
# Read under the lock, computed outside, stored under the lock: the lock was let go in between.
import threading

lock = threading.Lock()
price = 100


def raise_by(percent):
    global price
    with lock:
        old = price
    new = old + old * percent // 100
    with lock:
        price = new


threads = [threading.Thread(target=raise_by, args=(each,)) for each in (10, 20)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(price)
