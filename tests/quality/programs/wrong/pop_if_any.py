# FINDS: atomicity-violation on jobs
# Both find the last job, and the second pop raises IndexError.
import threading

jobs = ["only"]


def work():
    if jobs:
        jobs.pop()


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
