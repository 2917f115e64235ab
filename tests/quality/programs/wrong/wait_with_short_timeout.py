# FINDS: lost-update on total
# The wait gives up after a while, and the change is done either way.
import threading

ready = threading.Event()
total = 0


def first():
    global total
    total += 1
    ready.set()


def second():
    global total
    ready.wait(0.01)
    total += 10


threads = [threading.Thread(target=function) for function in (first, second)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(total)
