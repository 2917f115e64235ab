# CLEAN: `ready` is set once, under the lock, and never taken back, so one test is enough
import threading

changed = threading.Condition()
ready = False
value = None
got = []


def wait():
    with changed:
        if not ready:
            changed.wait()
    got.append(value)


def announce():
    global ready, value
    value = 42
    with changed:
        ready = True
        changed.notify_all()


threads = [threading.Thread(target=function) for function in (wait, announce, wait)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert got == [42, 42]
