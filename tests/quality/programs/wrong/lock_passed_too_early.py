# FINDS: lost-update on total
# The helper releases the lock before it changes the total.
import threading

lock = threading.Lock()
total = 0
helpers = []


def helper(amount):
    global total
    lock.release()
    total += amount


def work(amount):
    global total
    lock.acquire()
    total += amount
    thread = threading.Thread(target=helper, args=(amount,))
    helpers.append(thread)
    thread.start()


threads = [threading.Thread(target=work, args=(each,)) for each in (1, 2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
for thread in helpers:
    thread.join()
print(total)
