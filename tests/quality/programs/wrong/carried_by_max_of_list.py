# FINDS: lost-update on best
# The best is read in one critical section and stored in the next, by way of a list of the thread's own.
import threading

lock = threading.Lock()
best = 0


def offer(number):
    global best
    seen = [number]
    with lock:
        seen.append(best)
    with lock:
        best = max(seen)


threads = [threading.Thread(target=offer, args=(each,)) for each in (3, 5, 4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(best)
