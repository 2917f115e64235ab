"""Several consumers ask qsize(), and know that the item can be gone all the same."""

import queue
import threading

q = queue.Queue()
for number in range(40):
    q.put(number)


def consume():
    while q.qsize() > 0:
        try:
            q.get_nowait()
        except queue.Empty:
            break


threads = [threading.Thread(target=consume) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
