# CLEAN: both threads are given the same lock
import threading

count = 0


def work(lock):
    global count
    for _ in range(2):
        with lock:
            count += 1


threads = [threading.Thread(target=work, args=(each,)) for each in [threading.Lock()] * 3]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert count == 6
