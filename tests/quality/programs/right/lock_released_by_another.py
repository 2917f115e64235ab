# CLEAN: the lock is a signal: it is released by the thread that has changed the number
import threading

gate = threading.Lock()
gate.acquire()
value = 0


def first():
    global value
    value += 1
    gate.release()


def second():
    global value
    with gate:
        value += 1


threads = [threading.Thread(target=function) for function in (second, first)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert value == 2
