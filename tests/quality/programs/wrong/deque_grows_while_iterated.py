# FINDS: atomicity-violation | data-race on recent
# A deque that changes during the loop raises RuntimeError.
import collections
import threading

recent = collections.deque([1, 2, 3])


def add():
    recent.append(4)


def total():
    result = 0
    for number in recent:
        result += number


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=function) for function in (total, add)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
