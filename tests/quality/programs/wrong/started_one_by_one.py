# FINDS: lost-update on total
# The first has long ended when the second is started, but nobody joins it before.
import threading
import time

total = 0


def work():
    global total
    total += 1


first = threading.Thread(target=work)
first.start()
time.sleep(0.01)
second = threading.Thread(target=work)
second.start()
first.join()
second.join()
print(total)
