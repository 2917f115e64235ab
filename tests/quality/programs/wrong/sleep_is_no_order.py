# FINDS: lost-update on total
# The second sleeps for longer than the first will take, mostly.
import threading
import time

total = 0


def first():
    global total
    total += 1


def second():
    global total
    time.sleep(0.02)
    total += 10


threads = [threading.Thread(target=function) for function in (first, second)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(total)
