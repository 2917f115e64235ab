# FINDS: lost-update on uses
# The object is changed once more when it is back in the pool, where another may have it.
import queue
import threading

pool = queue.Queue()
pool.put({"uses": 0})


def use():
    taken = pool.get()
    pool.put(taken)
    taken["uses"] += 1


threads = [threading.Thread(target=use) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(pool.get())
