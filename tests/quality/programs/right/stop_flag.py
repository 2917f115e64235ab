# CLEAN: a flag that one thread sets and the other polls; the last round does no harm
import threading
import time

running = True
rounds = []


def work():
    while running:
        rounds.append(1)
        time.sleep(0.001)


def stop():
    global running
    running = False


threads = [threading.Thread(target=function) for function in (work, stop)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert not running
