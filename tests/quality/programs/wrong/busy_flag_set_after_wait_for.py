# FINDS: atomicity-violation on busy
# wait_for() returns, the lock is let go, and only then the flag is set: two can be in.
import threading

busy = False
inside = []
changed = threading.Condition()


def enter(name):
    global busy
    with changed:
        while busy:
            changed.wait(1)
    busy = True
    inside.append(name)
    inside.remove(name)
    with changed:
        busy = False
        changed.notify_all()


threads = [threading.Thread(target=enter, args=(each,)) for each in ("ann", "bob")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(inside)
