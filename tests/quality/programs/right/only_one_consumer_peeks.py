# CLEAN: only one thread takes; the others append at the other end
import collections
import threading

line = collections.deque([0])
taken = []


def produce(number):
    line.append(number)


def consume():
    while line:
        head = line[0]
        taken.append(head)
        line.popleft()


threads = [threading.Thread(target=produce, args=(n,)) for n in (1, 2)]
threads.append(threading.Thread(target=consume))
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sorted(taken + list(line)) == [0, 1, 2]
