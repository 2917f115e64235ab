"""A producer and a consumer with a condition."""

import threading

c = threading.Condition()
items = []
n = 0


def prod():
    global n
    for i in range(20):
        with c:
            items.append(i)
            n += 1
            c.notify()


def cons():
    global n
    got = 0
    while got < 20:
        with c:
            while not items:
                c.wait()
            items.pop()
            n -= 1
            got += 1


ts = [threading.Thread(target=prod), threading.Thread(target=cons)]
for t in ts:
    t.start()
for t in ts:
    t.join()
print(n, items)
