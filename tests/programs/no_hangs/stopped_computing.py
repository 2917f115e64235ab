"""The thread that is joined computes, in one call of C code."""

import threading

total = 0


def compute():
    global total
    for number in range(10**9):
        total = number


thread = threading.Thread(target=compute, daemon=True)
thread.start()
thread.join()
