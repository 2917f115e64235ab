# FINDS: atomicity-violation | data-race on table
# The size changes during the iteration: RuntimeError.
import threading

table = {number: number for number in range(4)}


def add():
    for number in range(10, 13):
        table[number] = number


def total():
    result = 0
    for key in table:
        result += key


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=function) for function in (add, total)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
