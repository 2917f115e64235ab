# CLEAN: a Condition is a lock
import threading

changed = threading.Condition()
level = 0


def raise_level():
    global level
    for _ in range(2):
        with changed:
            level += 1
            changed.notify_all()


threads = [threading.Thread(target=raise_level) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert level == 4
