# FINDS: atomicity-violation on line
# Both serve the same head, and the second popleft takes one that nobody has served.
import collections
import threading

line = collections.deque([1, 2, 3, 4])
served = []


def serve():
    head = line[0]
    served.append(head)
    line.popleft()


threads = [threading.Thread(target=serve) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(served), list(line))
