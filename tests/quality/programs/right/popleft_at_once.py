# CLEAN: popleft is one step, and what it gives is used
import collections
import threading

line = collections.deque([1, 2, 3, 4])
served = []


def serve():
    served.append(line.popleft())


threads = [threading.Thread(target=serve) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(served) == [1, 2, 3] and list(line) == [4]
