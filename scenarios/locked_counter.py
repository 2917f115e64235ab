"""The same sale with a lock around the read and the write together: clean.

Look for: `acquire` and `release` around each access, and a `wait to acquire` wherever a thread
found the lock taken.
"""

import threading
import time

tickets = 20
counter = threading.Lock()


def sell():
    global tickets
    with counter:
        left = tickets
        time.sleep(0.002)
        tickets = left - 1


sellers = [threading.Thread(target=sell) for _ in range(20)]
for seller in sellers:
    seller.start()
for seller in sellers:
    seller.join()
print("left:", tickets)
