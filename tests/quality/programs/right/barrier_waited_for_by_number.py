# CLEAN: the last one waits until all others are there, and then joins them
import threading
import time

gate = threading.Barrier(3)
passed = []


def arrive():
    gate.wait()
    passed.append(1)


threads = [threading.Thread(target=arrive) for _ in range(2)]
for thread in threads:
    thread.start()
while gate.n_waiting < 2:
    time.sleep(0.001)
gate.wait()
for thread in threads:
    thread.join()
assert len(passed) == 2
