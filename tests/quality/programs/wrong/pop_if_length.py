# FINDS: atomicity-violation on jobs
# Both see the length 1, and the second popleft raises IndexError.
import collections
import threading

jobs = collections.deque(["only"])
failed = []


def work():
    if len(jobs) > 0:
        try:
            jobs.popleft()
        except IndexError:
            failed.append(1)


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(failed))
