# CLEAN: the views do not overlap
import threading

data = bytearray(4)
whole = memoryview(data)
halves = [whole[:2], whole[2:]]


def work(view):
    for _ in range(3):
        view[0] += 1


threads = [threading.Thread(target=work, args=(each,)) for each in halves]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert list(data) == [3, 0, 3, 0]
