"""An RLock taken again by its holder, inside the functions that it calls.

Look for: `acquire` twice by one thread before its `release`s. The accesses under the lock are
clean. Main waits by looking at `active_count()`.
"""

import threading
import time

books = 0
films = 0
shelf = threading.RLock()


def add_book():
    global books
    with shelf:
        books += 1
        return books


def add_film():
    global films
    with shelf:
        films += 1
        return films


def delivery():
    with shelf:
        first = add_book()
        time.sleep(0.002)
        second = add_film()
    print("shelf:", first, second)


for _ in range(5):
    threading.Thread(target=delivery).start()
while threading.active_count() > 1:
    time.sleep(0.01)
with shelf:
    print("books", books, "films", films)
