# CLEAN: an object that was got from the queue is the thread's until it puts it back
import queue
import threading

pool = queue.LifoQueue()
for _ in range(2):
    pool.put([0])


def use():
    cell = pool.get()
    cell[0] += 1
    pool.put(cell)


threads = [threading.Thread(target=use) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert sum(pool.get()[0] for _ in range(2)) == 4
