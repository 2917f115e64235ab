"""Threads that count under a lock for a second, and one that sleeps."""

import sys
import threading
import time

lock = threading.Lock()
counted = 0
end = time.monotonic() + 1


def work():
    global counted
    while time.monotonic() < end:
        with lock:
            counted += 1
        time.sleep(0.001)


threads = [threading.Thread(target=work) for _ in range(3)]
threads.append(threading.Thread(target=time.sleep, args=(0.5,)))
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("done")
sys.exit(7)
