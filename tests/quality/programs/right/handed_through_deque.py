# CLEAN: popleft gives the object to one thread, which got it after the append
import collections
import threading
import time

line = collections.deque()
done = []


def make():
    for number in range(2):
        parcel = {"number": number, "weight": 0}
        parcel["weight"] += 5
        line.append(parcel)


def pack():
    while True:
        try:
            parcel = line.popleft()
            break
        except IndexError:
            time.sleep(0.001)
    parcel["weight"] += 1
    done.append(parcel["weight"])


threads = [threading.Thread(target=function) for function in (pack, pack, make)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert done == [6, 6]
