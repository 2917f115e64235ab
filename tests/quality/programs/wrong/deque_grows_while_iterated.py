# FINDS: atomicity-violation | data-race on recent
# A deque that changes during the loop raises RuntimeError.
import collections
import threading

recent = collections.deque([1, 2, 3])
failed = []


def add():
    recent.append(4)


def total():
    try:
        result = 0
        for number in recent:
            result += number
    except RuntimeError:
        failed.append(1)


threads = [threading.Thread(target=function) for function in (total, add)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(failed)
