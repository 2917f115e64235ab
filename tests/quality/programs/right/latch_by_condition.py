# CLEAN: the last one opens the latch; nobody closes it
import threading

changed = threading.Condition()
missing = 3
results = []
totals = []


def work(number):
    global missing
    results.append(number)
    with changed:
        missing -= 1
        if missing == 0:
            changed.notify_all()


def collect():
    with changed:
        while missing > 0:
            changed.wait()
    totals.append(sum(results))


threads = [
    threading.Thread(target=function)
    for function in (collect, lambda: work(1), lambda: work(2), lambda: work(3))
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert totals == [6]
