# FINDS: atomicity-violation on jobs
# Both see the size 1; the second get_nowait kills its thread.
import queue
import threading

jobs = queue.LifoQueue()
jobs.put("only")
done = []


def work():
    if jobs.qsize() > 0:
        done.append(jobs.get_nowait())


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(done))
