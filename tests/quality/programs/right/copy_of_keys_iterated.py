# CLEAN: list(d) of a dict is one step; what comes later is not in it
import threading

table = {number: number for number in range(4)}
totals = []


def add():
    for number in range(10, 13):
        table[number] = number


def total():
    totals.append(sum(key for key in list(table)))


threads = [threading.Thread(target=function) for function in (add, total)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert totals[0] >= 6
