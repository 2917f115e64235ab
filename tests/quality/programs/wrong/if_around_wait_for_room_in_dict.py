# FINDS: atomicity-violation on slots
# Both wait for room for one more; both are woken, and both go in.
import threading

slots = {"old": 0}
freed = threading.Condition()


def enter(name):
    with freed:
        if len(slots) >= 1:
            freed.wait(1)
        slots[name] = 1


def leave():
    with freed:
        slots.pop("old")
        freed.notify_all()


threads = [
    *(threading.Thread(target=enter, args=(each,)) for each in ("ann", "bob")),
    threading.Thread(target=leave),
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(slots))
