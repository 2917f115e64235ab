# CLEAN: the change comes after the message, however often it was asked for
import queue
import threading
import time

messages = queue.Queue()
total = 0


def first():
    global total
    total += 1
    messages.put("done")


def second():
    global total
    while True:
        try:
            messages.get_nowait()
            break
        except queue.Empty:
            time.sleep(0.001)
    total += 10


threads = [threading.Thread(target=function) for function in (second, first)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert total == 11
