# FAILS: no thread can go on
# Opposite orders, but one of the two sleeps first, so that they hardly ever meet.
import threading
import time

a, b = threading.Lock(), threading.Lock()


def forward():
    with a, b:
        pass


def backward():
    time.sleep(1)
    with b, a:
        pass


threads = [threading.Thread(target=forward), threading.Thread(target=backward)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
