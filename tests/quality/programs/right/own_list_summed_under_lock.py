# CLEAN: what is in the list is the thread's own; the total is read and written under the lock
import threading

lock = threading.Lock()
total = 0


def add(amount):
    global total
    steps = []
    for step in range(amount):
        steps.append(step)
    with lock:
        total += sum(steps)


threads = [threading.Thread(target=add, args=(each,)) for each in (2, 3, 4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert total == 1 + 3 + 6
