# FINDS: atomicity-violation on jobs
# Both see the length 1, and the second popleft raises IndexError.
import collections
import threading

jobs = collections.deque(["only"])


def work():
    if len(jobs) > 0:
        jobs.popleft()


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
