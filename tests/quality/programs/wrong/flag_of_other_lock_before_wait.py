# FINDS: atomicity-violation on ready
# The flag has a lock of its own, which says nothing of the wait.
import threading

guard = threading.Lock()
changed = threading.Condition()
ready = 0
late = []


def wait():
    with guard:
        seen = ready
    if seen == 0:
        with changed:
            if not changed.wait(0.05):
                late.append(seen)


def announce():
    global ready
    with guard:
        ready = 1
    with changed:
        changed.notify_all()


threads = [threading.Thread(target=function) for function in (wait, announce)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(late)
