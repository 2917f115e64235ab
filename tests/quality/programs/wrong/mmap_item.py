# FINDS: lost-update on area
# `+=` of a mapped byte reads and stores.
import mmap
import threading

area = mmap.mmap(-1, 64)


def work():
    for _ in range(2):
        area[5] += 1


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(area[5])
