# FINDS: lost-update on total
# The message may be there or not; the change is done either way.
import queue
import threading

messages = queue.Queue()
total = 0
got = []


def first():
    global total
    total += 1
    messages.put("first is done")


def second():
    global total
    try:
        got.append(messages.get_nowait())
    except queue.Empty:
        got.append(None)
    total += 10


threads = [threading.Thread(target=function) for function in (first, second)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(total, got)
