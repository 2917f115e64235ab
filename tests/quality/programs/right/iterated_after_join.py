# CLEAN: main goes over it when those who changed it have ended
import threading

table = {}


def add(number):
    table[number] = number * number


threads = [threading.Thread(target=add, args=(each,)) for each in (1, 2, 3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
total = 0
for key, value in table.items():
    total += value
assert total == 14
