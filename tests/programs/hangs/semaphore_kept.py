"""A worker that fails keeps its permit."""

import threading

slots = threading.Semaphore(1)


def job(number):
    slots.acquire()
    10 / number
    slots.release()


for number in (0, 1):
    worker = threading.Thread(target=job, args=(number,), name=f"job{number}")
    worker.start()
    worker.join()
