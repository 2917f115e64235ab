# CLEAN: the peek and the popleft are under one lock
import collections
import threading

lock = threading.Lock()
line = collections.deque([1, 2, 3, 4])
served = []


def serve():
    with lock:
        head = line[0]
        served.append(head)
        line.popleft()


threads = [threading.Thread(target=serve) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert served == [1, 2] and list(line) == [3, 4]
