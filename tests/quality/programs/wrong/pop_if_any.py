# FINDS: atomicity-violation on jobs
# Both find the last job, and the second pop raises IndexError.
import threading

jobs = ["only"]
failed = []


def work():
    if jobs:
        try:
            jobs.pop()
        except IndexError:
            failed.append(1)


threads = [threading.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(failed))
