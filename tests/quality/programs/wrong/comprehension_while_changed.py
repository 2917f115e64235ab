# FINDS: atomicity-violation | data-race on prices
# The comprehension is a loop: RuntimeError when an item comes.
import threading

prices = {"tea": 3, "milk": 1}


def add():
    prices["rice"] = 2


def dear():
    return [name.upper() for name, price in prices.items() if price > 2]


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=function) for function in (dear, add)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
