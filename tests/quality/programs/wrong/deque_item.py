# FINDS: lost-update on ring
# `+=` of a deque's item reads and stores.
import collections
import threading

ring = collections.deque([0, 0, 0])


def work():
    for _ in range(2):
        ring[1] += 1


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(ring[1])
