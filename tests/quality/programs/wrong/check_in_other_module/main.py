# FINDS: atomicity-violation on goods
# The look is a function of another module, the act another one.
import threading

import stock

failed = []


def buy():
    if stock.has("tea"):
        try:
            stock.take("tea")
        except KeyError:
            failed.append(1)


threads = [threading.Thread(target=buy) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(failed))
