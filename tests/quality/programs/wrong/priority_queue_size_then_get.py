# FINDS: atomicity-violation on ranked
# Both see one left; the second get_nowait kills its thread.
import queue
import threading

ranked = queue.PriorityQueue()
for rank in (3, 1):
    ranked.put(rank)
done = []


def work():
    while ranked.qsize():
        done.append(ranked.get_nowait())


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(done))
