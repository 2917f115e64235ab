"""Two threads, each N times: take the lock, change a global and an attribute."""

import sys
import threading
import time

N = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
num = 0


class Counter:
    def __init__(self):
        self.v = 0


c = Counter()
lock = threading.Lock()


def work():
    global num
    for _ in range(N):
        with lock:
            num += 1
            c.v += 1


start = time.process_time()
threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(time.process_time() - start, time.monotonic())
