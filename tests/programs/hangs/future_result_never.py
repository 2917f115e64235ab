"""The thread that was to fulfil the promise returns early."""

import threading
from concurrent.futures import Future

promise = Future()


def fulfil(value):
    if value:
        promise.set_result(value)


thread = threading.Thread(target=fulfil, args=(0,), name="fulfiller")
thread.start()
print(promise.result())
