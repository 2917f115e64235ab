# CLEAN: __enter__ takes the lock, __exit__ releases it
import threading


class Transaction:
    lock = threading.Lock()

    def __enter__(self):
        self.lock.acquire()
        return self

    def __exit__(self, *error):
        self.lock.release()


total = 0


def add(amount):
    global total
    with Transaction():
        total += amount


threads = [threading.Thread(target=add, args=(each,)) for each in (1, 2, 3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert total == 6
