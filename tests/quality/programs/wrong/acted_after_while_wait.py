# FINDS: atomicity-violation on free
# The `while` is right, but the act comes after the lock was let go.
import threading

free = 0
changed = threading.Condition()
took = []


def take():
    global free
    with changed:
        while free == 0:
            if not changed.wait(1):
                return
    free -= 1
    took.append(1)


def give():
    global free
    with changed:
        free += 1
        changed.notify_all()


threads = [threading.Thread(target=function) for function in (take, take, give)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(free, len(took))
