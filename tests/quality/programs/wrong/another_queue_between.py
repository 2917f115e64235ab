# FINDS: lost-update on total
# The log's queue is put to by both, and got from by main: it orders nothing between the two.
import queue
import threading

log = queue.Queue()
total = 0


def first():
    global total
    total += 1
    log.put("first")


def second():
    global total
    log.put("second")
    total += 10


threads = [threading.Thread(target=function) for function in (first, second)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(total, sorted([log.get(), log.get()]))
