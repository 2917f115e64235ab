"""One thread that changes a shared variable N times."""

import sys
import threading

N = int(sys.argv[1])
num = 0


def work():
    global num
    for _ in range(N):
        num += 1


thread = threading.Thread(target=work)
thread.start()
thread.join()
