# FINDS: lost-update on number
# A decorator holds the lock for each call, not from the read to the write.
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
def load():
    return number


@locked
def store(value):
    global number
    number = value


def work():
    store(load() + 1)


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(number)
