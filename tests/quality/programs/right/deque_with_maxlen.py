# CLEAN: append to a deque with maxlen is one step
import collections
import threading

recent = collections.deque(maxlen=3)


def work(number):
    recent.append(number)
    recent.append(number + 10)


threads = [threading.Thread(target=work, args=(each,)) for each in (1, 2, 3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(recent) == 3
