# FINDS: atomicity-violation on jobs
# The pop is kept in a variable of the function; the test and it are two steps.
import threading

jobs = [1, 2]
done = []


def work():
    take = jobs.pop
    if jobs:
        done.append(take())


threads = [threading.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sorted(done))
