# FINDS: lost-update on total
# The number is carried in a list of the thread's own from one critical section to the next.
import threading

lock = threading.Lock()
total = 0


def add(amount):
    global total
    steps = []
    with lock:
        steps.append(total)
    steps.append(amount)
    with lock:
        total = sum(steps)


threads = [threading.Thread(target=add, args=(each,)) for each in (1, 2, 4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(total)
