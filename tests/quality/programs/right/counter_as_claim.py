# CLEAN: the number under the lock keeps the others out, for they look at it
import threading
import time

lock = threading.Lock()
inside = 0
total = 0


def work():
    global inside, total
    while True:
        with lock:
            if inside == 0:
                inside += 1
                break
        time.sleep(0.001)
    total += 1
    with lock:
        inside -= 1


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert total == 3
