# FINDS: atomicity-violation on waiting
# A queue made of a deque: both see the last one, the second popleft raises IndexError.
import collections
import threading

waiting = collections.deque()
failed = []


def work():
    while waiting:
        try:
            waiting.popleft()
        except IndexError:
            failed.append(1)


for number in range(3):
    waiting.append(number)
threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(failed))
