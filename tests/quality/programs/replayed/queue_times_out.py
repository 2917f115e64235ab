# REPLAYS: queue.get with a timeout about as long as what comes takes
import queue
import threading
import time

items = queue.Queue(2)
out = []


def put():
    for k in range(8):
        time.sleep(0.002)
        items.put(k)
    items.put(None)


def get():
    while True:
        try:
            item = items.get(timeout=0.002)
        except queue.Empty:
            out.append("empty")
            continue
        if item is None:
            return
        out.append(item)


threads = [threading.Thread(target=put), threading.Thread(target=get)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(out)
