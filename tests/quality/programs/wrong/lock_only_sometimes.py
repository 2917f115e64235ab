# FINDS: lost-update on total
# nullcontext is no lock.
import contextlib
import threading

lock = threading.Lock()
total = 0


def add(amount, safe):
    global total
    with lock if safe else contextlib.nullcontext():
        total += amount


threads = [
    threading.Thread(target=function)
    for function in (lambda: add(1, True), lambda: add(2, False), lambda: add(3, True))
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(total)
