# FAILS: no thread can go on
# Two locks, taken in opposite orders.
import threading

a, b = threading.Lock(), threading.Lock()


def forward():
    with a, b:
        pass


def backward():
    with b, a:
        pass


threads = [threading.Thread(target=forward), threading.Thread(target=backward)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
