# FINDS: lost-update on _total
# load and save are functions of another module, each under its lock.
import threading

import store


def deposit(amount):
    total = store.load()
    store.save(total + amount)


threads = [threading.Thread(target=deposit, args=(each,)) for each in (1, 2, 4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(store.load())
