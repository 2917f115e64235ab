# FINDS: atomicity-violation on goods
# The look is a function of another module, the act another one.
import threading

import stock


def buy():
    if stock.has("tea"):
        stock.take("tea")


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=buy) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
