# CLEAN: one lock from the read to the store
import array
import threading

lock = threading.Lock()
samples = array.array("l", [0, 0])


def work():
    for _ in range(2):
        with lock:
            samples[1] += 1


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert samples[1] == 6
