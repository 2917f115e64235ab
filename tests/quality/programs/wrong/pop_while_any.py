# FINDS: atomicity-violation on jobs
# Two workers see the last job; the second pop raises IndexError.
import threading

jobs = [1, 2, 3]


def work():
    while len(jobs) != 0:
        jobs.pop(0)


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
