# CLEAN: no two threads have the same index
import threading

cells = [0] * 3


def fill(place):
    for _ in range(3):
        cells[place] += place


threads = [threading.Thread(target=fill, args=(each,)) for each in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert cells == [0, 3, 6]
