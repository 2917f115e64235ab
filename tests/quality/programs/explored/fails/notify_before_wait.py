# FAILS: no thread can go on
# A notify that comes before the wait is lost.
import threading

condition = threading.Condition()


def wait():
    with condition:
        condition.wait()


waiter = threading.Thread(target=wait)
waiter.start()
with condition:
    condition.notify()
waiter.join()
