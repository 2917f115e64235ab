# REPLAYS: Condition.wait of several threads, some of whose time is over
import threading

condition = threading.Condition()
out = []


def wait(k):
    with condition:
        out.append((k, condition.wait(timeout=0.002 * k)))


threads = [threading.Thread(target=wait, args=(k,)) for k in range(1, 6)]
for thread in threads:
    thread.start()
with condition:
    condition.notify(2)
for thread in threads:
    thread.join()
print(out)
