# FINDS: atomicity-violation on jobs
# Two workers see the last job; the second pop raises IndexError.
import threading

jobs = [1, 2, 3]
failed = []


def work():
    while len(jobs) != 0:
        try:
            jobs.pop(0)
        except IndexError:
            failed.append(1)


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(failed))
