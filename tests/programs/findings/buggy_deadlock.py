"""Two locks, taken in opposite orders."""

import threading
import time

a = threading.Lock()
b = threading.Lock()
both_hold_one = threading.Barrier(2)


def f(x, y):
    with x:
        both_hold_one.wait()
        with y:
            pass


for locks in ((a, b), (b, a)):
    threading.Thread(target=f, args=locks, daemon=True).start()
time.sleep(1)
