# CLEAN: who does not get the message changes nothing
import queue
import threading

messages = queue.Queue()
totals = {"n": 0}


def first():
    totals["n"] += 1
    messages.put(totals)


def second():
    try:
        mine = messages.get_nowait()
    except queue.Empty:
        return
    mine["n"] += 10


threads = [threading.Thread(target=function) for function in (first, second)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert totals["n"] in (1, 11)
