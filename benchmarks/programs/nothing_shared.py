"""Two threads that compute with their own locals only."""

import threading
import time


def work(n=300):
    total = 0
    for i in range(n):
        a, b = 0, 1
        for _ in range(i):
            a, b = b, (a + b) % 1_000_003
        total += a
    return total


start = time.process_time()
threads = [threading.Thread(target=work, args=(1000,)) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(time.process_time() - start, time.monotonic())
