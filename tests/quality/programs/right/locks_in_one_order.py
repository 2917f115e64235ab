# CLEAN: both take the locks in the same order
import threading

first = threading.Lock()
second = threading.Lock()
a = b = 0


def up():
    global a, b
    with first, second:
        a += 1
        b += 1


def down():
    global a, b
    with first:
        with second:
            a -= 1
            b -= 1


threads = [threading.Thread(target=function) for function in (up, down, up)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert a == b == 1
