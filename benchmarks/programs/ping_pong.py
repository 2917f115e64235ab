"""Two threads that let each other go, N times, through a Condition."""

import sys
import threading
import time

N = int(sys.argv[1])
turn = 0
condition = threading.Condition()


def work(me):
    global turn
    for _ in range(N):
        with condition:
            while turn != me:
                condition.wait()
            turn = 1 - me
            condition.notify()


threads = [threading.Thread(target=work, args=(i,)) for i in range(2)]
start = time.perf_counter()
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(time.perf_counter() - start)
