# CLEAN: a key's number is changed under its stripe only
import threading

stripes = [threading.Lock(), threading.Lock()]
counts = {number: 0 for number in range(4)}


def add(number):
    with stripes[number % 2]:
        counts[number] += 1


threads = [threading.Thread(target=add, args=(each,)) for each in (0, 1, 2, 2, 3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert counts == {0: 1, 1: 1, 2: 2, 3: 1}
