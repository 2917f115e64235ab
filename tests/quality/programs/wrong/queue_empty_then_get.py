# FINDS: atomicity-violation on jobs
# Both see the last job; the second get raises Empty when its time is over.
import queue
import threading

jobs = queue.Queue()
jobs.put("only")


def work():
    if not jobs.empty():
        jobs.get(timeout=0.02)


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
