# Consumers end when they get the sentinel, which each hands on.
import queue
import threading

q = queue.Queue()
got = queue.Queue()


def consume():
    while (item := q.get()) is not None:
        got.put(item)
    q.put(None)


threads = [threading.Thread(target=consume) for _ in range(2)]
for thread in threads:
    thread.start()
for number in range(3):
    q.put(number)
q.put(None)
for thread in threads:
    thread.join()
assert sorted(got.queue) == [0, 1, 2]
