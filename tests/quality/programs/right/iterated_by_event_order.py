# CLEAN: the loop comes after the event that comes after the changes
import threading

filled = threading.Event()
table = {}
totals = []


def fill():
    for number in range(4):
        table[number] = number
    filled.set()


def total():
    filled.wait()
    result = 0
    for value in table.values():
        result += value
    totals.append(result)


threads = [threading.Thread(target=function) for function in (total, fill)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert totals == [6]
