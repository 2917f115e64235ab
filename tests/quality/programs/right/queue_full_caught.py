# CLEAN: full() only saves a try; put_nowait's Full is caught
import queue
import threading

slots = queue.Queue(2)
refused = []


def offer(number):
    if slots.full():
        refused.append(number)
        return
    try:
        slots.put_nowait(number)
    except queue.Full:
        refused.append(number)


threads = [threading.Thread(target=offer, args=(each,)) for each in (1, 2, 3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert slots.qsize() == 2 and len(refused) == 1
