# CLEAN: main goes over it before anyone changes it
import threading

table = {1: 1, 2: 4}
total = 0
for value in table.values():
    total += value


def add(number):
    table[number] = number


threads = [threading.Thread(target=add, args=(each,)) for each in (3, 4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert total == 5 and len(table) == 4
