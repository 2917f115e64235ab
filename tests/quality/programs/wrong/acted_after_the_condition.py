# FINDS: atomicity-violation on jobs
# wait_for holds the lock, the pop comes after it was let go.
import threading

jobs = []
changed = threading.Condition()


def work():
    with changed:
        changed.wait_for(lambda: jobs, 1)
    jobs.pop()


def give():
    with changed:
        jobs.append("job")
        changed.notify_all()


threading.excepthook = lambda hook: print("died of", hook.exc_type.__name__)
threads = [threading.Thread(target=function) for function in (work, work, give)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
