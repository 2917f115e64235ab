# FINDS: lost-update on total
# The number is carried in a dict of the thread's own from one critical section to the next.
import threading

lock = threading.Lock()
total = 0


def add(amount):
    global total
    mine = {}
    with lock:
        mine["total"] = total
    mine["total"] += amount
    with lock:
        total = mine["total"]


threads = [threading.Thread(target=add, args=(each,)) for each in (1, 2, 4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(total)
