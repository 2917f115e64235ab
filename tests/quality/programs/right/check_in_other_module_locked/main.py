# CLEAN: the other module looks and takes under its lock
import threading

import stock

got = []


def buy():
    if stock.take("tea"):
        got.append("tea")


threads = [threading.Thread(target=buy) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert got == ["tea"]
