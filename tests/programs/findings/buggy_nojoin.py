"""The result is read without a join."""

import threading
import time

result = None


def f():
    global result
    result = 42


t = threading.Thread(target=f)
t.start()
time.sleep(0.05)
print(result)
t.join()
