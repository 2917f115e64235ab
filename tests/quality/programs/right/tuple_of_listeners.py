# CLEAN: who changes the tuple holds the lock and makes a new one; the loop goes over the one it read
import threading

lock = threading.Lock()
listeners = (1, 2)
told = []


def come(number):
    global listeners
    with lock:
        listeners = (*listeners, number)


def tell_all():
    for listener in listeners:
        told.append(listener)


threads = [
    threading.Thread(target=function) for function in (tell_all, lambda: come(3), lambda: come(4))
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert told[:2] == [1, 2] and len(listeners) == 4
