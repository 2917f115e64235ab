# CLEAN: who finds the event unset changes nothing
import threading

ready = threading.Event()
total = 0


def first():
    global total
    total += 1
    ready.set()


def second():
    global total
    if ready.is_set():
        total += 10


threads = [threading.Thread(target=function) for function in (first, second)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert total in (1, 11)
