# CLEAN: what counts is the second look, which the lock keeps together with the wait
import threading

ready = False
changed = threading.Condition()


def wait():
    if not ready:
        with changed:
            while not ready:
                changed.wait()


def announce():
    global ready
    with changed:
        ready = True
        changed.notify_all()


threads = [threading.Thread(target=function) for function in (wait, announce, wait)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert ready
