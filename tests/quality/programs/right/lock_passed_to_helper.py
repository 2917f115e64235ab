# CLEAN: the helper works while its starter's lock is held, and releases it when it is done
import threading

lock = threading.Lock()
total = 0
helpers = []


def helper(amount):
    global total
    total += amount
    lock.release()


def work(amount):
    global total
    lock.acquire()
    total += amount
    thread = threading.Thread(target=helper, args=(amount,))
    helpers.append(thread)
    thread.start()


threads = [threading.Thread(target=work, args=(each,)) for each in (1, 2, 3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
for thread in helpers:
    thread.join()
assert total == 12
