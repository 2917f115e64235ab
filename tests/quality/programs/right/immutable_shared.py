# CLEAN: nobody changes what all of them read
import threading
from collections import namedtuple

Rate = namedtuple("Rate", "low high")
rates = (Rate(1, 2), Rate(3, 5))
widths = []


def measure():
    widths.append(sum(rate.high - rate.low for rate in rates))


threads = [threading.Thread(target=measure) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert widths == [3, 3, 3]
