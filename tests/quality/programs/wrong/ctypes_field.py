# FINDS: lost-update on point
# `+=` of a structure's field reads and stores.
import ctypes
import threading


class Point(ctypes.Structure):
    _fields_ = [("x", ctypes.c_int), ("y", ctypes.c_int)]


point = Point(0, 0)


def move():
    for _ in range(2):
        point.x += 1


threads = [threading.Thread(target=move) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(point.x)
