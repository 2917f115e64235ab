# CLEAN: who looks holds the lock until it waits, so the notify cannot come between
import threading

ready = False
changed = threading.Condition()


def wait():
    with changed:
        while not ready:
            changed.wait()


def announce():
    global ready
    ready = True
    with changed:
        changed.notify_all()


threads = [threading.Thread(target=function) for function in (wait, announce, wait)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert ready
