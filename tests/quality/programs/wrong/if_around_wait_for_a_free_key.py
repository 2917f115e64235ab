# FINDS: atomicity-violation on busy
# Both wait for the seat; both are woken, and both take it.
import threading

busy = {"seat"}
freed = threading.Condition()
seated = []


def sit(name):
    with freed:
        if "seat" in busy:
            freed.wait(1)
        busy.add("seat")
    seated.append(name)


def leave():
    with freed:
        busy.discard("seat")
        freed.notify_all()


threads = [
    *(threading.Thread(target=sit, args=(each,)) for each in ("ann", "bob")),
    threading.Thread(target=leave),
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(seated)
