# REPLAYS: where signals interrupt code that runs
import os
import signal
import threading
import time

count = 0
hits = []


def handler(number, frame):
    hits.append(count)


def send():
    for _ in range(5):
        time.sleep(0.001)
        os.kill(os.getpid(), signal.SIGUSR1)


signal.signal(signal.SIGUSR1, handler)
assert signal.getsignal(signal.SIGUSR1) is handler
thread = threading.Thread(target=send)
thread.start()
while thread.is_alive():
    count += 1
thread.join()
print(hits, count)
