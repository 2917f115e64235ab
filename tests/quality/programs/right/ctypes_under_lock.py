# CLEAN: one lock from the read to the store
import ctypes
import threading

lock = threading.Lock()
counter = ctypes.c_long(0)


def work():
    for _ in range(2):
        with lock:
            counter.value += 1


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert counter.value == 6
