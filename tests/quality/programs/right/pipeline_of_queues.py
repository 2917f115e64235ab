# CLEAN: each item is one thread's at a time
import queue
import threading

raw, cooked = queue.Queue(), queue.Queue()
served = []


def cook():
    while (dish := raw.get()) is not None:
        dish["cooked"] = True
        cooked.put(dish)
    cooked.put(None)


def serve():
    while (dish := cooked.get()) is not None:
        dish["served"] = True
        served.append(dish)


for name in "ab":
    raw.put({"name": name})
raw.put(None)
threads = [threading.Thread(target=function) for function in (cook, serve)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(served) == 2 and all(dish["cooked"] and dish["served"] for dish in served)
