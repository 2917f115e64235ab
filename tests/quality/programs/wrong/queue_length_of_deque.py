# FINDS: atomicity-violation on waiting
# A queue made of a deque: both see the last one, the second popleft raises IndexError.
import collections
import threading

waiting = collections.deque()


def work():
    while waiting:
        waiting.popleft()


for number in range(3):
    waiting.append(number)
threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
