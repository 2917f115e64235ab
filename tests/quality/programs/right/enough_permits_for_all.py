# CLEAN: there are as many slots as threads, whatever the others do
import threading

slots = threading.Semaphore(3)
served = []


def visit():
    if slots._value > 0:
        with slots:
            served.append(1)


threads = [threading.Thread(target=visit) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert served
