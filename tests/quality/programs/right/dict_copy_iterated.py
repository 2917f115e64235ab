# CLEAN: copy() of a dict is one step
import threading

prices = {"tea": 3, "milk": 1}
found = []


def add():
    prices["rice"] = 2


def dear():
    for name, price in prices.copy().items():
        if price > 2:
            found.append(name)


threads = [threading.Thread(target=function) for function in (dear, add)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert found == ["tea"]
