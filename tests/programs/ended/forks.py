"""Processes that are forked, and that fork."""

import os
import sys
import threading
import time

lock = threading.Lock()
end = time.monotonic() + 1


def work():
    while time.monotonic() < end:
        child = os.fork()
        if child == 0:
            with lock:
                grandchild = os.fork()
                if grandchild:
                    os.waitpid(grandchild, 0)
                else:
                    time.sleep(0.02)
            os._exit(0)
        os.waitpid(child, 0)


work()
print("done")
sys.exit(7)
