# CLEAN: a bounded semaphore of one lets one thread in
import threading

gate = threading.BoundedSemaphore(1)
cells = [0, 0]


def work():
    for place in (0, 1):
        gate.acquire()
        cells[place] += 1
        gate.release()


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert cells == [3, 3]
