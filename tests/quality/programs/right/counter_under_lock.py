# CLEAN: one lock from the read to the write
import threading

lock = threading.Lock()
hits = 0


def work():
    global hits
    for _ in range(3):
        with lock:
            hits += 1


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert hits == 9
