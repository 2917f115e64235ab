# FINDS: lost-update on total
# The event is set before the change that it announces.
import threading

ready = threading.Event()
total = 0


def first():
    global total
    ready.set()
    total += 5


def second():
    global total
    ready.wait()
    total += 2


threads = [threading.Thread(target=function) for function in (second, first)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(total)
