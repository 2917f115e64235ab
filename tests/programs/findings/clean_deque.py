"""Objects are handed over in a deque."""

import collections
import threading
import time

dq = collections.deque()
done = threading.Event()


class It:
    def __init__(self, i):
        self.i = i


def p():
    for i in range(20):
        dq.append(It(i))
    done.set()


def c():
    n = 0
    while n < 20:
        if dq:
            it = dq.popleft()
            it.i += 1
            n += 1
        else:
            time.sleep(0.001)


ts = [threading.Thread(target=p), threading.Thread(target=c)]
for t in ts:
    t.start()
for t in ts:
    t.join()
