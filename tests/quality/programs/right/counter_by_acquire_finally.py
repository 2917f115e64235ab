# CLEAN: acquire and release in a finally, around both accesses
import threading

lock = threading.Lock()
stock = 50


def take():
    global stock
    lock.acquire()
    try:
        left = stock
        stock = left - 5
    finally:
        lock.release()


threads = [threading.Thread(target=take) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert stock == 35
