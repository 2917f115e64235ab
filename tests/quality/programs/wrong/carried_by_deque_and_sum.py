# FINDS: lost-update on total
# The number is carried in a deque of the thread's own from one critical section to the next.
import threading
from collections import deque

lock = threading.Lock()
total = 0


def add(amount):
    global total
    parts = deque([amount])
    with lock:
        parts.append(total)
    with lock:
        total = sum(parts)


threads = [threading.Thread(target=add, args=(each,)) for each in (1, 2, 4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(total)
