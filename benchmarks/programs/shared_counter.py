"""Two threads, each N times: change a global without a lock."""

import sys
import threading
import time

N = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
num = 0


def work():
    global num
    for _ in range(N):
        num += 1


start = time.process_time()
threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(time.process_time() - start, time.monotonic())
