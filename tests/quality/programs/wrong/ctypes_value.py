# FINDS: lost-update on counter
# `.value += 1` reads and stores.
import ctypes
import threading

counter = ctypes.c_long(0)


def work():
    for _ in range(2):
        counter.value += 1


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(counter.value)
