# CLEAN: all who take a slot ask and take under one lock
import threading

guard = threading.Lock()
slots = threading.Semaphore(1)
served = []


def visit():
    with guard:
        free = slots._value > 0
        if free:
            slots.acquire()
    if free:
        served.append(1)
        slots.release()


threads = [threading.Thread(target=visit) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert served
