import threading
import time

event = threading.Event()
out = []


def wait(k):
    for i in range(12):
        out.append((k, event.wait((0.0003, 0.0001, 0, -1)[i % 4])))


def flip():
    for _ in range(20):
        event.set()
        event.clear()
        time.sleep(0.0001)


threads = [threading.Thread(target=wait, args=(k,)) for k in range(3)]
threads.append(threading.Thread(target=flip))
for t in threads:
    t.start()
for t in threads:
    t.join()
print(out)
