"""Twenty guests and five chairs: a BoundedSemaphore(5).

Look for: never more than five between `acquire` and `release`; each guest that waited has an
arrow in the graph from the `release` that let it in.
"""

import threading
import time

chairs = threading.BoundedSemaphore(5)


def guest(number):
    with chairs:
        print(f"guest {number} sits")
        time.sleep(0.03)


for number in range(20):
    threading.Thread(target=guest, args=(number,), name=f"guest-{number}").start()
while threading.active_count() > 1:
    time.sleep(0.01)
print("the room is empty")
