# CLEAN: the decorator holds the lock around the whole of the function
import functools
import threading

lock = threading.Lock()
number = 0


def locked(function):
    @functools.wraps(function)
    def inner(*args):
        with lock:
            return function(*args)

    return inner


@locked
def increase():
    global number
    before = number
    number = before + 1


threads = [threading.Thread(target=increase) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert number == 3
