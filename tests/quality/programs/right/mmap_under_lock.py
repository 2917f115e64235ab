# CLEAN: one lock from the read to the store
import mmap
import threading

lock = threading.Lock()
area = mmap.mmap(-1, 64)


def work():
    for _ in range(2):
        with lock:
            area[5] += 1


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert area[5] == 4
