# FINDS: atomicity-violation on jobs
# wait_for holds the lock, the pop comes after it was let go.
import threading

jobs = []
changed = threading.Condition()
failed = []


def work():
    with changed:
        changed.wait_for(lambda: jobs, 1)
    try:
        jobs.pop()
    except IndexError:
        failed.append(1)


def give():
    with changed:
        jobs.append("job")
        changed.notify_all()


threads = [threading.Thread(target=function) for function in (work, work, give)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(failed))
