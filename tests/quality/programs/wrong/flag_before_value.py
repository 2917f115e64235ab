# FINDS: data-race | lost-update | atomicity-violation on value
# The flag is set before the value is: who has seen it adds to the old one, and the set is lost or its own.
import threading
import time

ready = False
value = 0


def first():
    global ready, value
    ready = True
    value = value + 7


def second():
    global value
    while not ready:
        time.sleep(0.001)
    value = value + 1


threads = [threading.Thread(target=function) for function in (second, first)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(value)
