# FINDS: atomicity-violation on ready
# The notify comes between the test and the wait, and the wait is for nothing.
import threading

ready = False
changed = threading.Condition()
late = []


def wait():
    if not ready:
        with changed:
            if not changed.wait(0.05):
                late.append(1)


def announce():
    global ready
    ready = True
    with changed:
        changed.notify_all()


threads = [threading.Thread(target=function) for function in (wait, announce)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(late)
