# FINDS: lost-update on pending
# The queue is right, the number beside it is not: two put at a time lose one.
import queue
import threading

jobs = queue.Queue()
pending = 0


def give(number):
    global pending
    pending += 1
    jobs.put(number)


threads = [threading.Thread(target=give, args=(each,)) for each in (1, 2, 3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(pending, jobs.qsize())
