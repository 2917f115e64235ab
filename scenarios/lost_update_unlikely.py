"""A hundred threads do `tickets -= 1` without a lock, and it nearly always ends in 0.

Python 3 switches threads only at a few places, and none is inside this statement. The update is
still not atomic: `trace check` *predicts* the loss, with the order that makes it happen.
"""

import threading
import time

tickets = 100


def sell():
    global tickets
    print("left:", tickets)
    time.sleep(0.05)
    tickets -= 1


sellers = [threading.Thread(target=sell) for _ in range(100)]
for seller in sellers:
    seller.start()
for seller in sellers:
    seller.join()
print("at the end:", tickets)
