import threading
import time

condition = threading.Condition()
plain = threading.Condition(threading.Lock())
out = []


def wait(k):
    for i in range(12):
        for c in (condition, plain):
            with c:
                out.append((k, c.wait((0.0003, 0.0001, 0, -1, 1e-6)[i % 5])))


def tell():
    for i in range(12):
        for c in (condition, plain):
            with c:
                c.notify(1 + i % 2)
        time.sleep(0.0001)


threads = [threading.Thread(target=wait, args=(k,)) for k in range(3)]
threads += [threading.Thread(target=tell) for k in range(2)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(out)
