# FINDS: lost-update on cells
# `+=` of an item of an array of ctypes reads and stores.
import ctypes
import threading

cells = (ctypes.c_int * 4)()


def work():
    for _ in range(2):
        cells[3] += 1


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(list(cells))
